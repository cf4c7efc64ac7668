"""
A client created by the library: it finds its set-up in boto3's places, and what makes it faster changes nothing else.
"""

import asyncio
import copy
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import attrs
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError
from botocore.loaders import JSONFileLoader
from botocore.session import get_session

import imagebuilder_dist as ibd
from imagebuilder_dist import aio
from imagebuilder_dist.testing import LocalImageBuilder, ReceivedRequest, Reply
from tests.faults import AddUnknownMembers
from tests.samples import ARN, EVERYTHING, manifest, request_class, request_document

from .helpers import Recording

REGION = "[default]\nregion = {}\n"
KEYS = "aws_access_key_id = {}\naws_secret_access_key = secret\n"


def sent_by(client: ibd.DistributionConfigurationClient) -> ReceivedRequest:
    """Return a request of the client."""
    local = LocalImageBuilder()
    local.attach(vars(client)["_client"])
    local.inject(Reply(200, {}, b'{"requestId": "an id"}'))
    list(client.list_distribution_configurations())
    return local.requests[0]


def credential_of(client: ibd.DistributionConfigurationClient) -> list[str]:
    """Return the access key and the Region of a request's signature."""
    request = sent_by(client)
    return [request.access_key_id, request.region_name]


@pytest.mark.parametrize(
    ("environment", "files", "expected"),
    [
        ({"AWS_ACCESS_KEY_ID": "OTHER", "AWS_SECRET_ACCESS_KEY": "secret"}, {}, ["OTHER", "us-west-2"]),
        (
            {"AWS_CONFIG_FILE": "{}/other config"},
            {"other config": REGION.format("eu-west-1")},
            ["DEFAULT", "eu-west-1"],
        ),
        ({}, {".aws/config": REGION.format("eu-west-1")}, ["DEFAULT", "eu-west-1"]),
        ({}, {".aws/credentials": f"[default]\n{KEYS.format('OTHER')}"}, ["OTHER", "us-west-2"]),
    ],
)
def test_what_changes_between_two_clients_is_seen_by_the_second(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    environment: dict[str, str],
    files: dict[str, str],
    expected: list[str],
) -> None:
    write(tmp_path / ".aws/config", REGION.format("us-west-2"))
    write(tmp_path / ".aws/credentials", f"[default]\n{KEYS.format('DEFAULT')}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AWS_CONFIG_FILE")
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")
    assert credential_of(ibd.DistributionConfigurationClient()) == ["DEFAULT", "us-west-2"]

    for name, text in files.items():
        write(tmp_path / name, text)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(tmp_path))

    assert credential_of(ibd.DistributionConfigurationClient()) == expected


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.usefixtures("_keys")
def test_a_model_in_the_data_path_of_now_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ibd.DistributionConfigurationClient(region_name="us-west-2")
    model = copy.deepcopy(get_session().get_service_data("imagebuilder"))
    model["operations"]["ListDistributionConfigurations"]["http"]["requestUri"] = "/other"
    write(tmp_path / "imagebuilder/2019-12-02/service-2.json", json.dumps(model))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))

    assert sent_by(ibd.DistributionConfigurationClient(region_name="us-west-2")).target == "/other"


@pytest.mark.usefixtures("_keys")
def test_the_region_that_is_given_comes_first_and_then_boto3s_default_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    given = credential_of(ibd.DistributionConfigurationClient(region_name="us-east-2"))
    boto3.setup_default_session(aws_access_key_id="SESSION", aws_secret_access_key="secret", region_name="sa-east-1")
    of_the_session = credential_of(ibd.DistributionConfigurationClient())

    assert given == ["FROMENV", "us-east-2"]
    assert of_the_session == ["SESSION", "sa-east-1"]


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:99999", "http://127.0.0.1:0", "ftp://127.0.0.1", "http://me:geheim@exa\nmple", "http://\u2028"],
)
@pytest.mark.parametrize("variable", [None, "AWS_ENDPOINT_URL_IMAGEBUILDER"])
def test_an_endpoint_that_cannot_be_used_is_found_when_the_client_is_created(
    monkeypatch: pytest.MonkeyPatch, url: str, variable: str | None
) -> None:
    if variable is not None:
        monkeypatch.setenv(variable, url)

    with pytest.raises(
        ibd.ConfigurationError, match=r"URL of an endpoint or of a proxy is invalid.*http or https"
    ) as caught:
        ibd.DistributionConfigurationClient(region_name="us-west-2", endpoint_url=None if variable else url)

    assert str(caught.value).isprintable()
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({}, r"must specify a region.*; name a Region \(region_name or --region\), or set AWS_DEFAULT_REGION"),
        ({"AWS_PROFILE": "nobody's"}, r"nobody's.*; check the profile's name, AWS_PROFILE and ~/\.aws/config"),
        ({"AWS_DEFAULT_REGION": "us-west-2", "AWS_RETRY_MODE": "bogus"}, "bogus"),
        ({"AWS_DEFAULT_REGION": "us-west-2", "AWS_MAX_ATTEMPTS": "0"}, "AWS_MAX_ATTEMPTS, or the profile's max_attemp"),
        ({"AWS_DEFAULT_REGION": "us-west-2", "AWS_MAX_ATTEMPTS": "many"}, "AWS_MAX_ATTEMPTS, or the profile's max_at"),
    ],
)
@pytest.mark.parametrize("session", [None, boto3.Session], ids=["no session", "a session"])
def test_a_set_up_that_is_wrong_says_how_to_correct_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], text: str, session: Any
) -> None:
    created = session and session()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ibd.ConfigurationError, match=text):
        ibd.DistributionConfigurationClient(session=created)


def test_a_mistake_in_a_session_stays_as_it_is() -> None:
    class Failing:
        def client(self, *_: Any, **__: Any) -> Any:
            raise LookupError("a mistake")

    with pytest.raises(LookupError, match="a mistake"):
        ibd.DistributionConfigurationClient(session=Failing())


@pytest.mark.parametrize("config", [None, Config(read_timeout=7), Config(user_agent_extra="theirs/1")])
def test_a_client_of_ours_names_the_library(session: Any, local: LocalImageBuilder, config: Config | None) -> None:
    recording = Recording(session)
    client = ibd.DistributionConfigurationClient(session=recording, endpoint_url=local.url, config=config)
    agents: list[str] = []
    recording.made.meta.events.register(
        "before-send.imagebuilder", lambda request, **_: agents.append(str(request.headers["User-Agent"]))
    )

    list(client.list_distribution_configurations())

    assert f"imagebuilder_dist/{ibd.__version__}" in agents[0]
    assert ("theirs/1" in agents[0]) is (getattr(config, "user_agent_extra", None) is not None)


@pytest.mark.parametrize("config", [None, Config(parameter_validation=True, read_timeout=7)])
def test_a_client_of_ours_does_not_check_twice(session: Any, local: LocalImageBuilder, config: Config | None) -> None:
    """
    Botocore's parameter validation is off: models and our validation reject whatever it would.
    """
    recording = Recording(session)
    ibd.DistributionConfigurationClient(session=recording, endpoint_url=local.url, config=config)
    ibd.DistributionConfigurationClient(theirs := session.client("imagebuilder", endpoint_url=local.url))

    with pytest.raises(recording.made.exceptions.InvalidParameterValueException):
        recording.made.get_distribution_configuration()
    with pytest.raises(ParamValidationError):
        theirs.get_distribution_configuration()


@pytest.mark.usefixtures("_keys")
def test_the_model_is_read_once_and_a_session_made_once_for_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    ibd.DistributionConfigurationClient(region_name="us-west-2")

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("reads a file, or makes a session")

    monkeypatch.setattr(JSONFileLoader, "load_file", fail)
    ibd.DistributionConfigurationClient(region_name="eu-west-1")
    monkeypatch.setattr("botocore.session.get_session", fail)
    ibd.DistributionConfigurationClient(region_name="eu-west-1")


@pytest.mark.usefixtures("_keys")
def test_boto3_is_not_imported_where_the_program_does_not_have_it() -> None:
    code = (
        "import sys, imagebuilder_dist as ibd; ibd.DistributionConfigurationClient(region_name='us-west-2'); "
        "print('boto3' in sys.modules)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"


def test_a_client_shows_where_it_sends(session: Any, local: LocalImageBuilder) -> None:
    async def asynchronous() -> str:
        async with aio.DistributionConfigurationClient(session=session, endpoint_url=local.url) as client:
            return repr(client)

    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    where = f"us-west-2 at {local.url}>"
    assert repr(client) == f"<imagebuilder_dist.DistributionConfigurationClient for {where}"
    assert asyncio.run(asynchronous()) == f"<imagebuilder_dist.aio.DistributionConfigurationClient for {where}"
    assert "a fake" in repr(ibd.DistributionConfigurationClient(Mock(name="a fake")))


def sent(client: Any, call: Any) -> bytes:
    """Return the body that *call* sends with *client*, which isn't answered."""
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
def test_a_client_of_ours_sends_what_boto3_sends_byte_for_byte(session: Any, name: str) -> None:
    own = ibd.DistributionConfigurationClient(session=session)
    document = request_document(name)
    request = attrs.evolve(ibd.from_boto3(document, request_class(document)), client_token="a token")
    raw, parameters = session.client("imagebuilder"), ibd.to_boto3(request)
    update = "distributionConfigurationArn" in document
    theirs = raw.update_distribution_configuration if update else raw.create_distribution_configuration

    expected = sent(raw, lambda: theirs(**parameters))
    found = sent(vars(own)["_client"], lambda: own.send(request))

    assert found == expected


def test_a_client_without_a_model_goes_the_ordinary_way() -> None:
    def get(**_: object) -> dict[str, Any]:
        return {"distributionConfiguration": {"arn": ARN, "distributions": [ibd.to_boto3(EVERYTHING)]}}

    meta = SimpleNamespace(endpoint_url="https://imagebuilder.invalid", service_model=None)
    fake = SimpleNamespace(meta=meta, get_distribution_configuration=get)
    session: Any = SimpleNamespace(client=lambda *_, **__: fake)
    client = ibd.DistributionConfigurationClient(session=session)

    assert client.get_distribution_configuration(ARN).distributions == (EVERYTHING,)


def test_what_a_client_of_ours_passes_on_whole_is_read_with_all_that_is_unknown(
    session: Any, local: LocalImageBuilder
) -> None:
    own = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)
    arn = str(own.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn)
    local.inject(AddUnknownMembers({"brandNew": {"deep": None}, "nothing": None}))

    stored = own.get_distribution_configuration(arn)

    assert stored.distributions == (EVERYTHING,)
    assert {"brandNew", "distributions[0].brandNew"} <= set(stored.unmodelled or ())
    assert not any("nothing" in path for path in stored.unmodelled or ())
