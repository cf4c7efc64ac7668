"""
Which stub a request goes to, in any order or in a given one.
"""

from typing import Any

import attrs
import botocore.stub
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import ANY, StubError, Stubs

from .samples import ARN, EAST, WEB


def test_distributions_match_in_the_services_meaning(stubs: Stubs) -> None:
    launch = ibd.LaunchPermissionConfiguration(user_ids=["111122223333", "444455556666"])
    reverse = ibd.LaunchPermissionConfiguration(user_ids=["444455556666", "111122223333"])
    one, other = (
        attrs.evolve(WEB, ami_distribution_configuration=ibd.AmiDistributionConfiguration(launch_permission=permission))
        for permission in (launch, reverse)
    )
    stubs.update_distribution_configuration(ARN, [one, EAST])

    stubs.client.update_distribution_configuration(ARN, [EAST, other])

    stubs.assert_done()


@pytest.mark.parametrize("wildcard", [ANY, botocore.stub.ANY], ids=["ours", "botocore"])
def test_the_most_specific_stub_wins_in_any_order(stubs: Stubs, wildcard: Any) -> None:
    wide = stubs.update_distribution_configuration(wildcard, wildcard, description=wildcard).optional()
    narrow = stubs.update_distribution_configuration(ARN, wildcard)
    wider = stubs.update_distribution_configuration(wildcard, wildcard, description=wildcard).optional()

    counts: list[list[int]] = []
    for _ in range(2):
        stubs.client.update_distribution_configuration(ARN, [WEB])
        counts.append([len(each.calls) for each in (wide, narrow, wider)])

    assert counts == [[0, 1, 0], [1, 1, 0]]


def test_what_is_omitted_has_to_be_absent(stubs: Stubs) -> None:
    stubs.update_distribution_configuration(ARN, [WEB])

    with pytest.raises(StubError) as caught:
        stubs.client.update_distribution_configuration(ARN, [EAST], description="East")

    assert str(caught.value) == (
        "no stub matches UpdateDistributionConfiguration; the nearest differs (- stubbed, + sent):\n"
        f"  update_distribution_configuration(distribution_configuration_arn='{ARN}', distributions=['us-west-2'])\n"
        "    - distributions[us-west-2]: "
        "{'region': 'us-west-2', 'amiDistributionConfiguration': {'description': 'Web servers'}}\n"
        "    + distributions[us-east-1]: "
        "{'region': 'us-east-1', 'amiDistributionConfiguration': {'description': 'Web servers'}}\n"
        "    + description: 'East'"
    )


def test_the_nearest_stub_is_that_with_the_fewest_differences(stubs: Stubs) -> None:
    stubs.tag_resource(ARN, {"a": "b"})
    stubs.tag_resource(ARN.replace("web", "other"), {"c": "d"})

    with pytest.raises(StubError) as caught:
        stubs.client.tag_resource(ARN.replace("web", "other"), {"c": "e"})

    assert str(caught.value).splitlines()[-1] == "    ~ tags.c: 'd' -> 'e'"


def test_a_matcher_of_the_users_that_does_not_match_is_shown(stubs: Stubs) -> None:
    @attrs.frozen
    class EndsWith:
        end: str

        def __eq__(self, other: object) -> bool:
            return str(other).endswith(self.end)

        def __hash__(self) -> int:
            return 0

    ends: Any = EndsWith("/other")
    stubs.get_distribution_configuration(ends)

    with pytest.raises(StubError, match=rf"~ distributionConfigurationArn: .*'/other'.* -> '{ARN}'"):
        stubs.client.get_distribution_configuration(ARN)


def test_an_operation_without_a_stub(stubs: Stubs) -> None:
    text = "^no stub matches GetDistributionConfiguration: there is no stub for this operation$"
    with pytest.raises(StubError, match=text):
        stubs.client.get_distribution_configuration(ARN)


def test_a_stub_that_is_used_up(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN)
    stubs.client.get_distribution_configuration(ARN)

    with pytest.raises(StubError, match=r"get_distribution_configuration\(.*\) is used up, after 1 request$"):
        stubs.client.get_distribution_configuration(ARN)


def test_requests_in_order(stubs: Stubs) -> None:
    stubs.in_order()
    stubs.get_distribution_configuration(ARN).always()
    stubs.list_tags_for_resource(ARN).optional()
    update = stubs.update_distribution_configuration(ARN, [WEB])
    stubs.get_distribution_configuration(ARN)
    client = stubs.client

    client.get_distribution_configuration(ARN)
    client.get_distribution_configuration(ARN)
    client.update_distribution_configuration(ARN, [WEB])
    client.get_distribution_configuration(ARN)

    assert stubs.calls[2] == update.calls[0]
    stubs.assert_done()


def test_requests_out_of_order(stubs: Stubs) -> None:
    stubs.in_order()
    stubs.get_distribution_configuration(ARN)
    stubs.tag_resource(ARN, {"a": "b"})
    client = stubs.client

    with pytest.raises(StubError, match=r"TagResource: the next in order is get_distribution_configuration\("):
        client.tag_resource(ARN, {"a": "b"})
    client.get_distribution_configuration(ARN)
    client.tag_resource(ARN, {"a": "b"})
    with pytest.raises(StubError, match=r"TagResource: there is no stub for this operation$"):
        client.tag_resource(ARN, {"a": "b"})
