"""
Optimisations that rely on internals of attrs, cattrs and botocore change nothing that a user can observe, and each
has a case in which it is off.
"""

import json
import re
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from botocore.model import StructureShape
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests import strategies
from tests.faults import AddUnknownMembers
from tests.samples import ANYTHING, ARN, EVERYTHING, manifest, request_class, request_document

IGNORED = property(lambda _: False, lambda _shape, _value: None)


READ_ONLY = property(lambda _: False)


@pytest.fixture
def own(session: Any, local: LocalImageBuilder) -> ibd.DistributionConfigurationClient:
    return ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)


def boto3_client_of(client: ibd.DistributionConfigurationClient) -> Any:
    return vars(client)["_client"]


def sent(client: Any, call: Any) -> bytes:
    """Return the body that *call* sends with *client*, which gets an empty response."""
    bodies: list[bytes] = []

    class Stopped(Exception):
        pass

    def stop(request: Any, **_: object) -> None:
        bodies.append(request.body)
        raise Stopped

    client.meta.events.register_first("before-send.imagebuilder", stop)
    with pytest.raises(Stopped):
        call()
    client.meta.events.unregister("before-send.imagebuilder", stop)
    return bodies[0]


def assert_same_bytes(session: Any, own: ibd.DistributionConfigurationClient, document: dict[str, Any]) -> None:
    request = attrs.evolve(ibd.from_boto3(document, request_class(document)), client_token="a token")
    raw, parameters = session.client("imagebuilder"), ibd.to_boto3(request)
    update = "distributionConfigurationArn" in document
    theirs = raw.update_distribution_configuration if update else raw.create_distribution_configuration

    expected = sent(raw, lambda: theirs(**parameters))
    found = sent(boto3_client_of(own), lambda: own.send(request))

    assert found == expected


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_client_of_ours_sends_what_boto3_sends_byte_for_byte(
    session: Any, own: ibd.DistributionConfigurationClient, name: str
) -> None:
    assert_same_bytes(session, own, request_document(name))


@pytest.fixture(scope="module")
def any_client(session: Any) -> ibd.DistributionConfigurationClient:
    return ibd.DistributionConfigurationClient(session=session)


@settings(max_examples=50)
@given(request=strategies.update_requests)
def test_whatever_is_sent_is_what_boto3_sends(
    session: Any, any_client: ibd.DistributionConfigurationClient, request: ibd.UpdateDistributionConfigurationRequest
) -> None:
    assert_same_bytes(session, any_client, {**ibd.to_boto3(request), "clientToken": "a token"})


@pytest.mark.parametrize("is_document_type", [IGNORED, READ_ONLY], ids=["ignored", "read-only"])
def test_where_botocore_has_no_documents_everything_goes_the_ordinary_way(
    session: Any, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, is_document_type: property
) -> None:
    monkeypatch.setattr(StructureShape, "is_document_type", is_document_type, raising=False)
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)
    arn = str(client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn)
    client.update_distribution_configuration(arn, [EVERYTHING], description="new")
    local.inject(AddUnknownMembers())

    stored = client.get_distribution_configuration(arn)

    assert (stored.description, stored.distributions) == ("new", (EVERYTHING,))
    assert {"brandNew", "distributions[0].brandNew"} <= set(stored.unmodelled or ())


def test_a_client_without_a_model_goes_the_ordinary_way() -> None:
    def get(**_: object) -> dict[str, Any]:
        return {"distributionConfiguration": {"arn": ARN, "distributions": [ibd.to_boto3(EVERYTHING)]}}

    meta = SimpleNamespace(endpoint_url="https://imagebuilder.invalid", service_model=None)
    fake = SimpleNamespace(meta=meta, get_distribution_configuration=get)
    session: Any = SimpleNamespace(client=lambda *_, **__: fake)
    client = ibd.DistributionConfigurationClient(session=session)

    assert client.get_distribution_configuration(ARN).distributions == (EVERYTHING,)


def test_what_is_passed_on_whole_is_read_with_all_that_is_unknown(
    local: LocalImageBuilder, own: ibd.DistributionConfigurationClient
) -> None:
    arn = str(own.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn)
    local.inject(AddUnknownMembers({"brandNew": {"deep": None}, "nothing": None}))

    stored = own.get_distribution_configuration(arn)

    assert stored.distributions == (EVERYTHING,)
    assert {"brandNew", "distributions[0].brandNew"} <= set(stored.unmodelled or ())
    assert not any("nothing" in path for path in stored.unmodelled or ())


def test_a_stubber_works_on_a_client_of_ours(own: ibd.DistributionConfigurationClient) -> None:
    with Stubber(boto3_client_of(own)) as stubber:
        stubber.add_response(
            "update_distribution_configuration",
            {"requestId": "an id"},
            {"distributionConfigurationArn": ARN, "distributions": [ibd.to_boto3(EVERYTHING)], "clientToken": "t"},
        )
        stubber.add_response(
            "get_distribution_configuration", {"distributionConfiguration": {"distributions": ANYTHING}}
        )

        assert own.update_distribution_configuration(ARN, [EVERYTHING], client_token="t").request_id == "an id"
        assert (
            own.get_distribution_configuration(ARN).distributions
            == ibd.from_boto3({"arn": ARN, "distributions": ANYTHING}, ibd.DistributionConfiguration).distributions
        )


ODD = ["", "1" * 11, "1" * 13, "11111,111111", f"{'1' * 12},{'2' * 12}", f"{'1' * 12}\n", "\u0661" * 12, "1,", ","]


@given(
    ids=st.lists(st.from_regex(r"[0-9]{12}", fullmatch=True) | st.sampled_from(ODD), max_size=4),
    others=st.integers(0, 12),
)
def test_account_ids_are_judged_together_as_they_are_one_by_one(ids: list[str], others: int) -> None:
    """
    Ten and more are checked together.
    """
    ids = [*ids, *["123456789012"] * others]

    issues = ibd.validate(
        ibd.Distribution(
            region="us-west-2",
            ami_distribution_configuration=ibd.AmiDistributionConfiguration(description="d", target_account_ids=ids),
        )
    )

    wrong = [nth for nth, each in enumerate(ids) if not re.fullmatch("[0-9]{12}", each)]
    assert [issue.path for issue in issues] == [
        f"amiDistributionConfiguration.targetAccountIds[{nth}]" for nth in wrong
    ]


def test_a_wrong_type_is_rejected_after_right_ones_too() -> None:
    """
    The types that were right are remembered, those of all attributes together.
    """
    wrong: Any = 5
    ibd.AmiDistributionConfiguration(name="n", description="d")
    ibd.AmiDistributionConfiguration(name="n", target_account_ids=["1"])

    with pytest.raises(TypeError, match=r"AmiDistributionConfiguration\.description must be a str, not 5"):
        ibd.AmiDistributionConfiguration(name="n", description=wrong)
    for _ in range(2):
        with pytest.raises(TypeError, match=r"AmiDistributionConfiguration\.target_account_ids\[0\] must be a str"):
            ibd.AmiDistributionConfiguration(name="n", target_account_ids=[wrong])
    ibd.Distribution(region="r", launch_template_configurations=[LAUNCH_TEMPLATE])
    with pytest.raises(TypeError, match=r"Distribution\.launch_template_configurations\[1\] must be a LaunchTemplateC"):
        ibd.Distribution(region="r", launch_template_configurations=[LAUNCH_TEMPLATE, wrong])


LAUNCH_TEMPLATE = ibd.LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")


def test_a_kind_of_string_is_a_string() -> None:
    class Name(str):
        __slots__ = ()

    permission = ibd.LaunchPermissionConfiguration(user_ids=[Name("123456789012")])
    configuration = ibd.AmiDistributionConfiguration(name=Name("n"), ami_tags={Name("a"): Name("b")})

    assert permission.user_ids == ("123456789012",)
    assert json.dumps(ibd.to_boto3(configuration)) == '{"name": "n", "amiTags": {"a": "b"}}'


def test_a_client_that_is_passed_in_keeps_its_model(session: Any) -> None:
    theirs = session.client("imagebuilder")

    ibd.DistributionConfigurationClient(theirs)
    ibd.DistributionConfigurationClient(session=session)

    update = theirs.meta.service_model.operation_model("UpdateDistributionConfiguration")
    assert not update.input_shape.members["distributions"].member.is_document_type
