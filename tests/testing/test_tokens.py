"""
How the local endpoint treats a client token: used again, used with other parameters, forgotten.
"""

from typing import Any

import attrs
import pytest

from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING

from .samples import CREATE, OTHER_ACCOUNT, PREFIX, STORED, WEB, Raw, create, described


def test_a_token_used_for_something_else_is_rejected(boto3_client: Any) -> None:
    arn = create(boto3_client, clientToken="1")

    for parameters in ({"description": "d", "clientToken": "1"}, {"clientToken": "1"}):
        with pytest.raises(boto3_client.exceptions.IdempotentParameterMismatchException):
            boto3_client.update_distribution_configuration(
                distributionConfigurationArn=arn, distributions=ANYTHING, **parameters
            )


def test_members_in_another_order_are_the_same_request(raw: Raw, local: LocalImageBuilder) -> None:
    document = {"name": "web", "distributions": ANYTHING, "clientToken": "t"}
    backwards = {name: document[name] for name in reversed(document)}

    responses = [raw("PUT", "/CreateDistributionConfiguration", body)[2] for body in (document, backwards)]

    assert responses[0] == responses[1]
    assert [request.applied for request in local.requests] == [True, False]


def test_a_token_belongs_to_its_account_and_region() -> None:
    local = LocalImageBuilder()
    clients = [local.client(), local.client(region_name="us-east-1"), local.client(account_id=OTHER_ACCOUNT)]

    results = [each.create_distribution_configuration("web", [WEB], client_token="1") for each in clients * 2]

    assert len({each.distribution_configuration_arn for each in results}) == 3
    assert [request.applied for request in local.requests] == [True] * 3 + [False] * 3


def test_what_is_put_is_a_reset_that_forgets_its_tokens() -> None:
    """
    An edit derives its token from what it reads, so the same edit of the same state would be taken for a retry.
    """
    local = LocalImageBuilder()
    stored = local.put(CREATE)

    for _ in range(2):
        assert local.client().edit_distribution_configuration(stored.arn, described("new")).written
        assert local.stored()[0].description == "new"
        local.put(stored)


@pytest.mark.parametrize("before", ["2999-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z", "yesterday", "2999-01-01"])
def test_each_update_has_a_later_date(before: str) -> None:
    """
    Two states of a configuration never look the same, even if a clock stands still or goes back.

    A date that a test made up is replaced.
    """
    local = LocalImageBuilder()
    stored = local.put(attrs.evolve(STORED, date_updated=before))

    dates = [before] if before.endswith("Z") else []
    for _ in range(3):
        local.client().update_distribution_configuration(stored.arn, [WEB])
        dates.append(str(local.stored()[0].date_updated))

    assert dates == sorted({*dates})
    assert all(each.endswith("Z") for each in dates)


def test_a_rejected_request_does_not_use_up_its_token(boto3_client: Any) -> None:
    with pytest.raises(boto3_client.exceptions.ResourceNotFoundException):
        boto3_client.update_distribution_configuration(
            distributionConfigurationArn=PREFIX + "web", distributions=ANYTHING, clientToken="1"
        )

    create(boto3_client, clientToken="1")
