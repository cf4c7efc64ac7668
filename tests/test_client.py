import json
import threading
import uuid
from pathlib import Path
from typing import Any, cast
from unittest.mock import MagicMock

import attrs
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder, Stubs

from .shapes import ANYTHING, ARN, EVERYTHING, LICENCE, response_document

DISTRIBUTIONS = [ibd.Distribution(region="us-west-2", license_configuration_arns=[LICENCE])]


@pytest.fixture
def arn(boto3_client: Any) -> str:
    created = boto3_client.create_distribution_configuration(name="web", distributions=ANYTHING)
    return str(created["distributionConfigurationArn"])


class Fake:
    """A client without events, as a user's test would write it; it can return what botocore's parser never would."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[dict[str, Any]] = []

    def get_distribution_configuration(self, **parameters: Any) -> Any:
        self.calls.append(parameters)
        return self.answer

    update_distribution_configuration = get_distribution_configuration


def test_an_update_is_stored_and_read_back_equal(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)

    result = client.update_distribution_configuration(arn, [EVERYTHING], description="Web servers")
    stored = client.get_distribution_configuration(arn)

    assert result.distribution_configuration_arn == arn
    assert stored.distributions == (EVERYTHING,)
    assert stored.description == "Web servers"
    assert stored.name == "web"
    assert stored.timeout_minutes == 720
    assert stored.tags == {}
    assert stored.request_id not in {None, result.request_id}


def test_an_update_replaces_everything(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    other = ibd.Distribution(
        region="eu-west-1", fast_launch_configurations=[ibd.FastLaunchConfiguration(enabled=False)]
    )

    client.update_distribution_configuration(arn, [EVERYTHING], description="Web servers")
    client.update_distribution_configuration(arn, [other])
    stored = client.get_distribution_configuration(arn)

    assert stored.distributions == (other,)
    assert stored.description is None


def test_two_reads_of_the_same_state_are_equal(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)

    assert client.get_distribution_configuration(arn) == client.get_distribution_configuration(arn)


def test_every_write_has_a_token_of_its_own(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)

    tokens = {client.update_distribution_configuration(arn, [EVERYTHING]).client_token for _ in range(3)}

    assert len(tokens) == 3
    assert tokens == {str(uuid.UUID(token)) for token in tokens}


@pytest.mark.parametrize("token", ["a token", ""])
def test_the_token_given_is_sent_and_returned(imagebuilder_dist_stubs: Stubs, token: str) -> None:
    stub = imagebuilder_dist_stubs.update_distribution_configuration(ARN, DISTRIBUTIONS, client_token=token)
    stub.responds(200, b'{"requestId": "an id"}')

    result = imagebuilder_dist_stubs.client.update_distribution_configuration(
        ARN, DISTRIBUTIONS, client_token=token, validate=False
    )

    assert result.client_token == token


def test_what_is_left_out_is_not_sent(client: ibd.DistributionConfigurationClient, local: LocalImageBuilder) -> None:
    with pytest.raises(ibd.ResourceNotFoundException):
        client.update_distribution_configuration(ARN, DISTRIBUTIONS)

    assert local.requests[0].body.keys() == {"distributionConfigurationArn", "distributions", "clientToken"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"requestId": "body", "ResponseMetadata": {"RequestId": "header"}}, "body"),
        ({"ResponseMetadata": {"RequestId": "header"}}, "header"),
        ({}, None),
    ],
)
def test_the_request_id_comes_from_the_body_or_the_header(answer: dict[str, Any], expected: str | None) -> None:
    client = ibd.DistributionConfigurationClient(cast(Any, Fake(answer)))

    assert client.update_distribution_configuration(ARN, DISTRIBUTIONS).request_id == expected


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "it has no distributionConfiguration"),
        ({"distributionConfiguration": []}, "it has no distributionConfiguration"),
        (
            {"distributionConfiguration": {"name": 5}, "ResponseMetadata": {"HTTPStatusCode": 200}},
            "name (type)",
        ),
        (None, "it is None"),
    ],
)
def test_an_answer_of_another_shape_is_a_response_error(answer: Any, reason: str) -> None:
    client = ibd.DistributionConfigurationClient(cast(Any, Fake(answer)))

    with pytest.raises(ibd.ResponseError) as caught:
        client.get_distribution_configuration(ARN)

    assert str(caught.value).startswith("the response to GetDistributionConfiguration can't be read: ")
    assert reason in str(caught.value)
    assert caught.value.operation == "GetDistributionConfiguration"


def test_a_bug_in_a_fake_stays_what_it_is() -> None:
    class Buggy(Fake):
        def get_distribution_configuration(self, **parameters: Any) -> Any:
            raise KeyError(parameters)

    with pytest.raises(KeyError):
        ibd.DistributionConfigurationClient(cast(Any, Buggy({}))).get_distribution_configuration(ARN)


def test_wrong_types_are_refused_before_anything_is_sent(imagebuilder_dist_stubs: Stubs) -> None:
    client: Any = imagebuilder_dist_stubs.client

    with pytest.raises(TypeError, match=r"distribution_configuration_arn must be a str, not None"):
        client.get_distribution_configuration(None)
    with pytest.raises(TypeError, match=r"UpdateDistributionConfigurationRequest\.distributions\[0\] must be a Distr"):
        client.update_distribution_configuration(ARN, [{"region": "us-west-2"}])
    with pytest.raises(TypeError, match=r"UpdateDistributionConfigurationRequest\.client_token must be a str"):
        client.update_distribution_configuration(ARN, DISTRIBUTIONS, client_token=5)


@pytest.mark.parametrize("client", ["us-west-2", 5])
def test_something_else_is_no_client(client: Any) -> None:
    with pytest.raises(TypeError, match="client must be an imagebuilder client, not "):
        ibd.DistributionConfigurationClient(client)


@pytest.mark.parametrize("service", ["dynamodb", "ec2", "ecr", "lambda", "s3", "ssm"])
def test_a_client_of_another_service_is_rejected(session: Any, service: str) -> None:
    with pytest.raises(TypeError, match=f"client must be an imagebuilder client, not one of {service}$"):
        ibd.DistributionConfigurationClient(session.client(service))


class Asynchronous:
    """A client with methods that are coroutine functions."""

    async def get_distribution_configuration(self, **_: Any) -> Any: ...


class LikeAiobotocores:
    """A client of aiobotocore: its methods return coroutines, but only `close` is a coroutine function."""

    def get_distribution_configuration(self, **_: Any) -> Any: ...

    async def close(self) -> None: ...


@pytest.mark.parametrize("client", [Asynchronous(), LikeAiobotocores()])
def test_an_asynchronous_client_is_rejected(client: Any) -> None:
    with pytest.raises(TypeError, match=r"^an asynchronous client is for imagebuilder_dist.aio"):
        ibd.DistributionConfigurationClient(client)


def test_a_mock_is_a_client() -> None:
    mock = MagicMock()
    mock.list_tags_for_resource.return_value = {"tags": {"a": "b"}}

    result = ibd.DistributionConfigurationClient(mock).list_tags_for_resource(ARN)

    assert result.tags == {"a": "b"}


@pytest.mark.parametrize(
    "option",
    [
        {"session": boto3.Session()},
        {"region_name": "us-west-2"},
        {"endpoint_url": "http://127.0.0.1"},
        {"config": Config()},
    ],
    ids=lambda option: next(iter(option)),
)
def test_a_client_comes_alone(option: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="give either a client, or session"):
        ibd.DistributionConfigurationClient(MagicMock(), **option)


def test_a_refused_value_names_its_path(boto3_client: Any, arn: str) -> None:
    nameless = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration(name="no-date")
    )

    with pytest.raises(ibd.InvalidParameterValueException) as caught:
        ibd.DistributionConfigurationClient(boto3_client).update_distribution_configuration(
            arn, [nameless], validate=False
        )

    assert caught.value.parameter == "distributions[0].amiDistributionConfiguration.name"
    assert caught.value.http_status == 400
    assert caught.value.request_id is not None
    assert caught.value.client_token is not None
    assert caught.value.__cause__ is not None


def test_a_missing_configuration_is_not_found(boto3_client: Any) -> None:
    with pytest.raises(ibd.ResourceNotFoundException) as caught:
        ibd.DistributionConfigurationClient(boto3_client).get_distribution_configuration(ARN)

    assert caught.value.http_status == 404
    assert caught.value.client_token is None


def test_a_token_reused_for_another_request_is_refused(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    client.update_distribution_configuration(arn, [EVERYTHING], client_token="a token")

    with pytest.raises(ibd.IdempotentParameterMismatchException):
        client.update_distribution_configuration(arn, [EVERYTHING], description="new", client_token="a token")


def test_a_client_of_ours_names_the_library(monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    agents: list[Any] = []

    class Recording:
        def client(self, *args: Any, **kwargs: Any) -> Any:
            made = boto3.Session().client(*args, **kwargs)
            made.meta.events.register(
                "before-send.imagebuilder", lambda request, **_: agents.append(request.headers["User-Agent"])
            )
            return made

    for config in (None, Config(read_timeout=7), Config(user_agent_extra="theirs/1")):
        client = ibd.DistributionConfigurationClient(
            session=Recording(), region_name="us-west-2", endpoint_url=local.url, config=config
        )
        with pytest.raises(ibd.ResourceNotFoundException):
            client.get_distribution_configuration(ARN)

    texts = [agent.decode() if isinstance(agent, bytes) else agent for agent in agents]
    assert [f"imagebuilder_dist/{ibd.__version__}" in text for text in texts] == [True] * 3
    assert ["theirs/1" in text for text in texts] == [False, False, True]


@pytest.mark.parametrize("config", [None, Config(parameter_validation=True, read_timeout=7)])
def test_a_client_of_ours_does_not_check_twice(session: Any, local: LocalImageBuilder, config: Config | None) -> None:
    """
    botocore's own check of parameters is off: models and validation refuse whatever it would.
    """
    made: list[Any] = []

    class Recording:
        def client(self, *args: Any, **kwargs: Any) -> Any:
            made.append(session.client(*args, **kwargs))
            return made[-1]

    ibd.DistributionConfigurationClient(session=Recording(), endpoint_url=local.url, config=config)
    ibd.DistributionConfigurationClient(theirs := session.client("imagebuilder", endpoint_url=local.url))

    with pytest.raises(made[0].exceptions.InvalidParameterValueException):
        made[0].get_distribution_configuration()
    with pytest.raises(ParamValidationError):
        theirs.get_distribution_configuration()


def test_a_client_of_ours_takes_region_and_endpoint_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_IMAGEBUILDER", local.url)

    client = ibd.DistributionConfigurationClient(session=boto3.Session())

    with pytest.raises(ibd.ResourceNotFoundException):
        client.get_distribution_configuration(ARN)


def test_a_client_of_ours_uses_boto3s_default_session(
    monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder
) -> None:
    monkeypatch.setattr(
        boto3,
        "DEFAULT_SESSION",
        boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-west-2"),
    )

    client = ibd.DistributionConfigurationClient(endpoint_url=local.url)

    with pytest.raises(ibd.ResourceNotFoundException):
        client.get_distribution_configuration(ARN)


def test_no_region_is_a_configuration_error() -> None:
    with pytest.raises(ibd.ConfigurationError, match="You must specify a region"):
        ibd.DistributionConfigurationClient(session=boto3.Session())


def test_an_endpoint_that_is_no_url_is_a_configuration_error() -> None:
    with pytest.raises(ibd.ConfigurationError, match="Invalid endpoint"):
        ibd.DistributionConfigurationClient(session=boto3.Session(), region_name="us-west-2", endpoint_url="not a url")


def test_a_profile_that_does_not_exist_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no-config").write_text("[default]\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    with pytest.raises(ibd.ConfigurationError, match="nobody"):
        ibd.DistributionConfigurationClient()


def test_a_client_handed_in_is_left_as_it_is(session: Any, local: LocalImageBuilder) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url)
    before = dict(vars(theirs.meta.config))

    for _ in range(3):
        ibd.DistributionConfigurationClient(theirs)

    assert vars(theirs.meta.config) == before
    with pytest.raises(theirs.exceptions.ResourceNotFoundException):
        theirs.get_distribution_configuration(distributionConfigurationArn=ARN)


def test_a_client_can_be_shared_between_threads(boto3_client: Any) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    arns = [
        boto3_client.create_distribution_configuration(name=f"web {n:02}", distributions=ANYTHING)[
            "distributionConfigurationArn"
        ]
        for n in range(8)
    ]
    seen: dict[str, str | None] = {}

    def work(arn: str) -> None:
        client.update_distribution_configuration(arn, [EVERYTHING], description=arn)
        seen[arn] = client.get_distribution_configuration(arn).description

    threads = [threading.Thread(target=work, args=[arn]) for arn in arns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {arn: arn for arn in arns}


# The other operations


def test_a_configuration_is_created_listed_tagged_and_deleted(client: ibd.DistributionConfigurationClient) -> None:
    created = client.create_distribution_configuration(
        "Web servers", [EVERYTHING], description="d", tags={"team": "web"}, client_token="a token"
    )
    arn = created.distribution_configuration_arn
    assert arn is not None
    stored = client.get_distribution_configuration(arn)
    tagged = client.tag_resource(arn, {"team": "infra", "stage": "test"})
    untagged = client.untag_resource(arn, ["stage"])
    tags = client.list_tags_for_resource(arn)
    listed = list(client.list_distribution_configurations())
    deleted = client.delete_distribution_configuration(arn)

    assert created.client_token == "a token"
    assert (stored.name, stored.description, stored.tags) == ("Web servers", "d", {"team": "web"})
    assert stored.distributions == (EVERYTHING,)
    assert tags.tags == {"team": "infra"}
    assert [(each.arn, each.name, each.regions, each.tags) for each in listed] == [
        (arn, "Web servers", ("us-west-2",), {"team": "infra"})
    ]
    assert deleted.distribution_configuration_arn == arn
    assert all(each.request_id for each in (created, stored, tagged, untagged, tags, deleted))
    with pytest.raises(ibd.ResourceNotFoundException):
        client.delete_distribution_configuration(arn)


def test_a_create_is_validated(client: ibd.DistributionConfigurationClient) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.create_distribution_configuration("x", [])

    assert [issue.path for issue in caught.value.issues] == ["name", "distributions"]
    assert caught.value.operation == "CreateDistributionConfiguration"
    with pytest.raises(ibd.InvalidParameterValueException):
        client.create_distribution_configuration("x", [], validate=False)


def test_a_name_is_given_once(client: ibd.DistributionConfigurationClient) -> None:
    client.create_distribution_configuration("web", [EVERYTHING])

    with pytest.raises(ibd.ResourceAlreadyExistsException) as caught:
        client.create_distribution_configuration("Web", [EVERYTHING])

    assert caught.value.client_token is not None


def test_the_success_of_a_dry_run_is_a_result() -> None:
    success = {"Error": {"Code": "DryRunOperationException"}, "ResponseMetadata": {"RequestId": "an id"}}

    class Dry(Fake):
        def create_distribution_configuration(self, **parameters: Any) -> Any:
            self.calls.append(parameters)
            raise ClientError(cast(Any, success), "CreateDistributionConfiguration")

    fake: Any = Dry({})

    result = ibd.DistributionConfigurationClient(fake).create_distribution_configuration(
        "web", [EVERYTHING], dry_run=True, client_token="a token"
    )

    assert fake.calls[0]["dryRun"] is True
    assert isinstance(result, ibd.CreateDistributionConfigurationDryRunResult)
    assert (result.request_id, result.client_token) == ("an id", "a token")


def test_a_dry_run_that_creates_all_the_same_is_an_error() -> None:
    class Careless(Fake):
        def create_distribution_configuration(self, **_: Any) -> Any:
            return {"distributionConfigurationArn": ARN}

    fake: Any = Careless({})

    with pytest.raises(ibd.ResponseError, match="although it was asked for a dry run") as caught:
        ibd.DistributionConfigurationClient(fake).create_distribution_configuration("web", [EVERYTHING], dry_run=True)
    assert caught.value.may_have_been_applied


def test_a_dry_run_creates_nothing_or_needs_a_newer_botocore(
    boto3_client: Any, client: ibd.DistributionConfigurationClient
) -> None:
    shape = boto3_client.meta.service_model.operation_model("CreateDistributionConfiguration").input_shape

    if "dryRun" in shape.members:
        result = client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)

        assert result.request_id is not None
    else:
        with pytest.raises(ibd.ConfigurationError, match=r"dryRun of Create.* needs botocore 1\.43\.94 or newer"):
            client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)
    assert list(client.list_distribution_configurations()) == []


def test_a_list_goes_through_all_pages_and_asks_as_it_goes(
    boto3_client: Any, client: ibd.DistributionConfigurationClient
) -> None:
    names = [f"web {number}" for number in range(7)]
    for name in names:
        client.create_distribution_configuration(name, [EVERYTHING])
    asked: list[Any] = []
    boto3_client.meta.events.register(
        "before-call.imagebuilder.ListDistributionConfigurations", lambda params, **_: asked.append(params)
    )

    listed = client.list_distribution_configurations(page_size=3)
    first = next(listed)
    asked_for_the_first = len(asked)
    rest = list(listed)

    assert asked_for_the_first == 1
    assert [each.name for each in [first, *rest]] == names
    assert len(asked) == 3
    assert [each.name for each in client.list_distribution_configurations(name="web 5")] == ["web 5"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"distributionConfigurationSummaryList": {}}, "isn't a list"),
        ({"distributionConfigurationSummaryList": [{"arn": 5}]}, r"arn \(type\)"),
        ({"distributionConfigurationSummaryList": [5]}, r"the whole \(type\)"),
        ({"nextToken": "again"}, "that of an earlier page"),
        ({"nextToken": []}, "it doesn't have the documented shape"),
    ],
)
def test_a_list_of_another_shape_is_a_response_error(answer: dict[str, Any], reason: str) -> None:
    class Listing(Fake):
        def list_distribution_configurations(self, **parameters: Any) -> Any:
            self.calls.append(parameters)
            return self.answer

    fake: Any = Listing(answer)

    with pytest.raises(ibd.ResponseError, match=reason):
        list(ibd.DistributionConfigurationClient(fake).list_distribution_configurations())


def test_a_request_goes_in_whole(client: ibd.DistributionConfigurationClient) -> None:
    created = client.send(
        ibd.CreateDistributionConfigurationRequest(
            name="web", distributions=[EVERYTHING], description="d", tags={"a": "b"}, client_token="a token"
        )
    )
    arn = created.distribution_configuration_arn
    stored = client.get_distribution_configuration(arn)
    updated = client.send(attrs.evolve(stored.to_request(), description="new", client_token="another token"))
    now = client.get_distribution_configuration(arn)

    assert (created.client_token, updated.client_token) == ("a token", "another token")
    assert (stored.name, stored.description, stored.tags, stored.distributions) == (
        "web",
        "d",
        {"a": "b"},
        (EVERYTHING,),
    )
    assert (now.description, now.distributions) == ("new", (EVERYTHING,))
    assert updated.distribution_configuration_arn == arn


def test_a_configuration_makes_the_request_that_would_store_it_again(
    client: ibd.DistributionConfigurationClient,
) -> None:
    arn = client.create_distribution_configuration("web", [EVERYTHING], description="d").distribution_configuration_arn
    before = client.get_distribution_configuration(arn)

    result = client.send(before.to_request())

    after = client.get_distribution_configuration(arn)
    assert result.client_token is not None
    assert attrs.evolve(after, date_updated=None) == before


def test_what_is_sent_whole_is_validated_unless_told_otherwise(imagebuilder_dist_stubs: Stubs) -> None:
    stub = imagebuilder_dist_stubs.update_distribution_configuration(ARN, [])
    client: Any = imagebuilder_dist_stubs.client
    wrong = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[])

    with pytest.raises(ibd.ValidationError):
        client.send(wrong)
    with pytest.raises(ibd.ValidationError):
        client.send(ibd.CreateDistributionConfigurationRequest(name="", distributions=[EVERYTHING]))
    with pytest.raises(TypeError, match="request must be an update's or a create's, not "):
        client.send(EVERYTHING)
    assert stub.calls == ()
    client.send(wrong, validate=False)


def test_a_dry_run_that_is_sent_whole_ends_as_the_service_says() -> None:
    success: Any = {"Error": {"Code": "DryRunOperationException"}}

    class Dry(Fake):
        def create_distribution_configuration(self, **_: Any) -> Any:
            raise ClientError(success, "CreateDistributionConfiguration")

    client = ibd.DistributionConfigurationClient(cast(Any, Dry({})))

    with pytest.raises(ibd.DryRunOperationException):
        client.send(ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING], dry_run=True))


def test_a_member_that_the_installed_botocore_does_not_know_is_not_sent(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, local: LocalImageBuilder
) -> None:
    model = boto3_client.meta.service_model.operation_model("CreateDistributionConfiguration")
    model.input_shape.members.pop("dryRun", None)

    with pytest.raises(ibd.ConfigurationError, match=r"^dryRun of Create.* needs botocore 1\.43\.94 or newer; "):
        client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)
    assert local.requests == ()
    assert client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn


def test_a_warning_in_the_log_shows_no_value(
    client: ibd.DistributionConfigurationClient, caplog: pytest.LogCaptureFixture
) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    encrypted = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration(kms_key_id=key)
    )

    client.create_distribution_configuration("web", [encrypted])

    assert [record.getMessage() for record in caplog.records if record.name == "imagebuilder_dist"] == [
        "CreateDistributionConfiguration of web: kms-region at distributions[0].amiDistributionConfiguration.kmsKeyId"
    ]


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        (lambda client: client.get_distribution_configuration("arn\ud83d"), "distributionConfigurationArn"),
        (lambda client: client.delete_distribution_configuration("arn\ud83d"), "distributionConfigurationArn"),
        (lambda client: client.edit_distribution_configuration("arn\ud83d", str), "distributionConfigurationArn"),
        (lambda client: client.list_tags_for_resource("arn\ud83d"), "resourceArn"),
        (lambda client: client.tag_resource("arn\ud83d", {"a": "b"}), "resourceArn"),
        (lambda client: client.untag_resource(ARN, ["a", "\ud83d"]), "tagKeys[1]"),
        (lambda client: list(client.list_distribution_configurations(name="\ud83d")), "filters[0].values[0]"),
    ],
)
def test_what_is_not_text_is_rejected_before_anything_is_sent(
    imagebuilder_dist_stubs: Stubs, operation: Any, path: str
) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        operation(imagebuilder_dist_stubs.client)

    assert [(issue.path, issue.rule) for issue in caught.value.issues] == [(path, "encoding")]


def test_a_list_whose_pages_go_round_in_circles_ends() -> None:
    class Circling(Fake):
        def list_distribution_configurations(self, **parameters: Any) -> Any:
            self.calls.append(parameters)
            return {"nextToken": {"a": "b", "b": "c"}.get(parameters.get("nextToken", ""), "a")}

    fake: Any = Circling({})

    with pytest.raises(ibd.ResponseError, match="its nextToken is that of an earlier page"):
        list(ibd.DistributionConfigurationClient(fake).list_distribution_configurations())
    assert [each.get("nextToken") for each in fake.calls] == [None, "a", "b", "c"]


def test_a_stubbed_create_needs_an_arn() -> None:
    mock = MagicMock()
    mock.create_distribution_configuration.return_value = {"requestId": "an id"}

    with pytest.raises(ibd.ResponseError, match="it has no distributionConfigurationArn; give the stubbed response on"):
        ibd.DistributionConfigurationClient(mock).create_distribution_configuration("web", [EVERYTHING])


def test_wrong_types_are_refused_by_the_other_operations_too(imagebuilder_dist_stubs: Stubs) -> None:
    client: Any = imagebuilder_dist_stubs.client

    with pytest.raises(TypeError, match=r"CreateDistributionConfigurationRequest\.name must be a str, not 5"):
        client.create_distribution_configuration(5, [])
    with pytest.raises(TypeError, match=r"distribution_configuration_arn must be a str"):
        client.delete_distribution_configuration(None)
    with pytest.raises(TypeError, match=r"^resource_arn must be a str"):
        client.untag_resource(None, ["a"])
    with pytest.raises(TypeError, match=r"^name must be a str"):
        client.list_distribution_configurations(name=5)
    with pytest.raises(TypeError, match=r"page_size must be an int, not True"):
        client.list_distribution_configurations(page_size=True)
    with pytest.raises(TypeError, match=r"resource_arn must be a str"):
        client.tag_resource(None, {})
    with pytest.raises(TypeError, match=r"tags\['a'\] must be a str, not 1"):
        client.tag_resource(ARN, {"a": 1})
    with pytest.raises(TypeError, match=r"tag_keys must be a list of str, not 'a' \(str\); put it into a list"):
        client.untag_resource(ARN, "a")
    with pytest.raises(TypeError, match=r"resource_arn must be a str"):
        client.untag_resource(None, ["a"])
    with pytest.raises(TypeError, match=r"resource_arn must be a str"):
        client.list_tags_for_resource(None)


@pytest.mark.parametrize("name", ["r03-list-2020-awscli.json", "r04-list-2026-awscli.json"])
def test_a_recorded_list_is_read(imagebuilder_dist_stubs: Stubs, name: str) -> None:
    document = response_document(name)
    imagebuilder_dist_stubs.list_distribution_configurations().responds(200, json.dumps(document).encode())

    (summary,) = imagebuilder_dist_stubs.client.list_distribution_configurations()

    written = ibd.to_boto3(summary)
    (expected,) = document["distributionConfigurationSummaryList"]
    assert written == {member: value for member, value in expected.items() if value != {}}


def test_a_recorded_answer_to_a_create_is_read() -> None:
    document = response_document("r07-create-2026-apiref.json")

    assert ibd.to_boto3(ibd.from_boto3(document, ibd.CreateDistributionConfigurationResult)) == document


def test_tags_are_validated(imagebuilder_dist_stubs: Stubs) -> None:
    stub = imagebuilder_dist_stubs.tag_resource(ARN, {"aws:a": ""})
    client = imagebuilder_dist_stubs.client

    with pytest.raises(ibd.ValidationError) as caught:
        client.tag_resource(ARN, {"aws:a": "x" * 257, "b": ""})
    with pytest.raises(ibd.ValidationError, match="tags: must have at least 1 item,"):
        client.tag_resource(ARN, {})
    assert stub.calls == ()
    client.tag_resource(ARN, {"aws:a": ""}, validate=False)

    assert [(issue.path, issue.rule) for issue in caught.value.issues] == [
        ("tags.aws:a", "pattern"),
        ("tags.aws:a", "max"),
    ]
