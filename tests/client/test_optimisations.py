"""
Optimisations that rely on internals of attrs, cattrs and botocore change nothing that a user can observe, and each
has a case in which it is off.
"""

from types import SimpleNamespace
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.faults import AddUnknownMembers
from tests.samples import ARN, EVERYTHING, manifest, request_class, request_document


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


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_client_of_ours_sends_what_boto3_sends_byte_for_byte(
    session: Any, own: ibd.DistributionConfigurationClient, name: str
) -> None:
    document = request_document(name)
    request = attrs.evolve(ibd.from_boto3(document, request_class(document)), client_token="a token")
    raw, parameters = session.client("imagebuilder"), ibd.to_boto3(request)
    update = "distributionConfigurationArn" in document
    theirs = raw.update_distribution_configuration if update else raw.create_distribution_configuration

    expected = sent(raw, lambda: theirs(**parameters))
    found = sent(boto3_client_of(own), lambda: own.send(request))

    assert found == expected


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
