"""
No error shows a secret or a control character, whatever botocore and the service say.
"""

import io
import json
import logging
import pickle
import re
import socket
import traceback
import types
from typing import Any

import boto3
import botocore.endpoint
import botocore.exceptions
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder
from tests.client.failing import delete
from tests.faulty import FaultyServer, http
from tests.samples import ARN, EVERYTHING

KEY, SECRET, TOKEN = "AKIDKEYKEYKEY", "secretsecretsecret", "sessiontokensessiontoken"
ESCAPES = "\x1b[31m\u202e\u2028\x00\x85\ud800"


def everything_shown(error: BaseException) -> str:
    shown = [*traceback.format_exception(error), str(error), repr(error), repr(vars(error)), str(pickle.dumps(error))]
    return "\n".join([*shown, repr(error.__cause__)])


@pytest.mark.parametrize(
    ("key", "secret", "token", "region"),
    [
        (KEY, SECRET, f"{TOKEN}\n", "us-west-2"),
        (KEY, SECRET, f"{TOKEN}\r\nX: y", "us-west-2"),
        (KEY, SECRET, f"{TOKEN}'\"\n", "us-west-2"),
        (KEY, SECRET, f"{TOKEN}\udcff", "us-west-2"),  # what os.environ makes of a byte that isn't UTF-8
        (KEY, f"{SECRET}\udcff", TOKEN, "us-west-2"),
        (f"{KEY}\n", SECRET, TOKEN, "us-west-2"),
        (f"{KEY}\udcff", SECRET, TOKEN, "us-west-2"),
        (KEY, SECRET, TOKEN, "us-west-2\n"),
    ],
)
def test_credentials_that_cannot_be_sent_are_not_shown(
    local: LocalImageBuilder, key: str, secret: str, token: str, region: str
) -> None:
    session = boto3.Session(key, secret, token, region_name=region)
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    with pytest.raises(ibd.ConfigurationError, match="check the credentials") as caught:
        client.delete_distribution_configuration(ARN.replace("us-west-2", region))

    shown = everything_shown(caught.value)
    assert not any(hidden in shown for hidden in (KEY, SECRET, TOKEN, "Signature="))
    assert str(caught.value).isprintable()
    assert local.requests == ()


def test_a_password_in_a_url_is_not_shown(session: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://me:geheim@127.0.0.1:{free.getsockname()[1]}"
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=url, retries=ibd.Retries(attempts=1))

    with pytest.raises(ibd.ConnectionFailedError, match=r"http://\*\*\*@127") as caught:
        client.delete_distribution_configuration(ARN)

    assert "geheim" not in everything_shown(caught.value)


@pytest.mark.parametrize(
    "url", ["http://me:geheim@exa\nmple", "http://\x1b31m", "nonsense\n", "http://a\u2028b", "http://\ud800"]
)
def test_an_endpoint_that_is_not_a_url_is_shown_on_one_line(session: Any, url: str) -> None:
    with pytest.raises(ibd.ConfigurationError, match="URL of an endpoint") as caught:
        ibd.DistributionConfigurationClient(session=session, endpoint_url=url)

    assert str(caught.value).isprintable()
    assert "geheim" not in everything_shown(caught.value)
    assert caught.value.__cause__ is None


def test_a_region_is_shown_without_its_control_characters(session: Any) -> None:
    with pytest.raises(ibd.ConfigurationError, match=r"us-west-2\\x1b\[31m"):
        ibd.DistributionConfigurationClient(session=session, region_name="us-west-2\x1b[31m")


def test_what_the_service_says_is_shown_without_secrets_and_on_one_line(session: Any) -> None:
    message = (
        "The Canonical String should have been\n'DELETE\n/DeleteDistributionConfiguration\n"
        f"x-amz-security-token:{TOKEN}\n' for Credential={KEY}/20300101, Signature=abcdef{ESCAPES}"
    )
    body = json.dumps({"message": message}).encode()
    response = http("403 Forbidden", body, headers=["x-amzn-ErrorType: InvalidSignatureException"])
    with FaultyServer(response) as server:
        client = ibd.DistributionConfigurationClient(session=session, endpoint_url=server.url)
        with pytest.raises(ibd.ApiError, match="security-token:") as caught:
            client.delete_distribution_configuration(ARN)

    shown = everything_shown(caught.value)
    assert str(caught.value).isprintable()
    assert not any(secret in shown for secret in (KEY, TOKEN, "abcdef"))
    assert "been\\n'DELETE" in caught.value.message


MARKS = ["x-amz-security-token:{}\n", "Credential={}/20300101", '{{"SessionToken": "{}"}}', "http://me:/{}@host/"]
MEMBERS = ["Message", "Code", "Type", "X-Amz-Security-Token"]


@given(mark=st.sampled_from(MARKS), around=st.text(max_size=9), member=st.sampled_from(MEMBERS), data=st.data())
def test_a_secret_is_kept_nowhere_in_a_service_error(mark: str, around: str, member: str, data: st.DataObject) -> None:
    text = mark.format(TOKEN)
    placed: Any = TOKEN if member == "X-Amz-Security-Token" else f"{around}\n{text}{around}"
    for wrap in data.draw(st.lists(st.sampled_from([lambda each: [each], lambda each: {text: each}]), max_size=30)):
        placed = wrap(placed)
    part = data.draw(st.sampled_from(["Error", "ResponseMetadata", "Other"]))
    response: Any = {"Error": {"Code": "SignatureDoesNotMatch", "Message": "why"}}
    response[part] = {**response.get(part, {}), member: placed, "RequestId": text}

    error, _ = delete(ClientError(response, "DeleteDistributionConfiguration"))

    assert isinstance(error, ibd.ApiError)
    assert TOKEN not in f"{everything_shown(error)}{getattr(error.__cause__, 'response', '')}"
    assert pickle.loads(pickle.dumps(error)).response == error.response  # noqa: S301 - our own


@pytest.mark.parametrize("place", ["endpoint_url", "AWS_ENDPOINT_URL", "proxies", "HTTPS_PROXY"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scheme=st.sampled_from(["http", "https"]), between=st.text(st.sampled_from("/?#@:[]%\\ '\"&=,;é1"), max_size=4))
@example(scheme="http", between="/")
@example(scheme="https", between="@/")
@example(scheme="http", between="1#")
@example(scheme="http", between=" '")
def test_no_part_of_a_password_in_a_url_is_shown(session: Any, place: str, scheme: str, between: str) -> None:
    """
    It may contain any character: whoever sets the URL may not know that they have to be percent-encoded.
    """
    url = f"{scheme}://joe:geheim1{between}geheim2@127.0.0.1:1"
    options: Any = {
        "endpoint_url": {"endpoint_url": url},
        "proxies": {"config": Config(proxies={"https": url})},
    }.get(place, {})
    log = io.StringIO()
    handler, logger = logging.StreamHandler(log), logging.getLogger("imagebuilder_dist")
    shown = ""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", unknown)
        patch.setattr(logger, "handlers", [handler])
        patch.setattr(logger, "level", logging.DEBUG)
        if place.isupper():
            patch.setenv(place, url)
        with pytest.raises(ibd.ImageBuilderDistError) as caught:  # noqa: PT012 - either line raises it
            client = ibd.DistributionConfigurationClient(
                session=session, retries=ibd.Retries(attempts=2, sleep=lambda _: None), **options
            )
            shown = repr(client)
            client.get_distribution_configuration(ARN)

    shown += everything_shown(caught.value) + log.getvalue()
    assert isinstance(caught.value, ibd.ConfigurationError | ibd.ConnectionFailedError)
    assert "geheim" not in shown


@given(st.text())
def test_no_service_error_shows_what_cannot_be_seen(text: str) -> None:
    error = ibd.ApiError({"Error": {"Code": text, "Message": text}}, "DeleteDistributionConfiguration", text)
    error.may_have_been_applied = True  # so that the token is shown

    assert str(error).isprintable()


@given(st.text())
def test_no_error_of_ours_shows_what_cannot_be_seen(text: str) -> None:
    error = ibd.TransportError(text, "DeleteDistributionConfiguration", text)

    assert str(error).isprintable()
    assert error.message.isprintable()
    assert pickle.loads(pickle.dumps(error)).message == error.message  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Credential=AKID/2030, Signature=abc", "Credential=***, Signature=***"),
        ("X-Amz-Security-Token: abc", "X-Amz-Security-Token: ***"),
        ("?X-Amz-Credential=AKID%2F2030&X-Amz-Signature=abc&x=y", "?X-Amz-Credential=***&X-Amz-Signature=***&x=y"),
        ('{"SecretAccessKey": "abc", "SessionToken": "abc"}', '{"SecretAccessKey": "***", "SessionToken": "***"}'),
        ("aws_secret_access_key = abc", "aws_secret_access_key = ***"),
        (r"""Invalid header value b'a\'"b\n' there""", "Invalid header value *** there"),
        (r"""Invalid header value b"a'b\n" there""", "Invalid header value *** there"),
        ("http://me:pass@host/x", "http://***@host/x"),
        ("http://***:pass@host", "http://***@host"),
        ("http://***:***@host", "http://***:***@host"),
        ("http://***@host", "http://***@host"),
        ("Unknown Signature Version: bogus.", "Unknown Signature Version: bogus."),
        ("http://me:p/a?s#s@w@host/x", "http://***@host/x"),
        ("http://me:a b'c@host", "http://***@host"),
        ("http://***:***@p/ass@host", "http://***@host"),
        (r"{\"SessionToken\":\"abc\"}", r"{\"SessionToken\":\"***\"}"),
        ("{'X-Amz-Security-Token': b'abc'}", "{'X-Amz-Security-Token': b'***'}"),
        ("X-Amz-Security-Token%3Dabc&x=y", "X-Amz-Security-Token%3D***&x=y"),
        ("see http://host/x", "see http://host/x"),
        ("write to me@host, or see http://host/x", "write to me@host, or see http://host/x"),
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str, shown: str) -> None:
    error, _ = delete(botocore.exceptions.CredentialRetrievalError(provider="p", error_msg=text))

    assert error.message == f"Error when retrieving credentials from p: {shown}"
    assert (error.__cause__ is None) is (shown != text)


def test_issues_stand_on_lines_of_their_own_and_their_texts_on_one() -> None:
    error = ibd.ValidationError([ibd.Issue(("a\nb",), "r", "error", "c\x1b"), ibd.Issue(("d",), "r", "error", "e")])

    assert str(error) == "2 problems:\n  ['a\\nb']: c\\x1b\n  d: e"


def test_what_botocore_rejects_is_shown_without_control_characters() -> None:
    error, _ = delete(botocore.exceptions.ParamValidationError(report="Invalid type for parameter a\nvalue: \x1b"))

    head, *lines = str(error).split("\n")
    assert head == f"2 problems in DeleteDistributionConfiguration of {ARN}:"
    assert lines == ["  a: Invalid type for parameter a", "  value: \\x1b"]


@pytest.mark.parametrize(
    "body", [b'{"message": null}', b'{"message": 5}', b'{"message": {"a": 1}}', b'{"Message": null}', b"{}"]
)
def test_a_message_that_is_not_a_text_is_none_of_a_parameter(session: Any, body: bytes) -> None:
    response = http("400 Bad Request", body, headers=["x-amzn-ErrorType: InvalidParameterValueException"])
    with FaultyServer(response) as server:
        client = ibd.DistributionConfigurationClient(session=session, endpoint_url=server.url)
        with pytest.raises(ibd.InvalidParameterValueException) as caught:
            client.delete_distribution_configuration(ARN)

    assert caught.value.parameter is None
    assert caught.value.message == {b'{"message": 5}': "5", b'{"message": {"a": 1}}': "{'a': 1}"}.get(body, "")
    assert "None" not in str(caught.value)


def test_a_code_that_is_not_a_text_is_one(session: Any) -> None:
    with FaultyServer(http("400 Bad Request", b'{"code": 5, "message": "why"}')) as server:
        client = ibd.DistributionConfigurationClient(session=session, endpoint_url=server.url)
        with pytest.raises(ibd.ApiError) as caught:
            client.delete_distribution_configuration(ARN)

    assert caught.value.code == "5"


def test_a_fakes_code_that_is_not_even_hashable_is_a_text() -> None:
    response: Any = {"Error": {"Code": ["x"]}}

    error, _ = delete(ClientError(response, "DeleteDistributionConfiguration"))

    assert isinstance(error, ibd.ApiError)
    assert error.code == "['x']"


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_service_error_does_not_say_that_nothing_was_retried(
    session: Any, local: LocalImageBuilder, mode: Any
) -> None:
    client = ibd.DistributionConfigurationClient(
        session=session, endpoint_url=local.url, config=Config(retries={"mode": mode}), retries=ibd.Retries(attempts=1)
    )
    local.inject(AnswerError("ServiceException"))

    with pytest.raises(ibd.ServiceException) as caught:
        client.update_distribution_configuration(ARN, [EVERYTHING])

    assert "max retries" not in str(caught.value)
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize(
    ("times", "expected", "text"),
    [
        (3, ibd.ServiceException, "operation (reached max retries: 2): "),
        (1, ibd.ResourceNotFoundException, "operation: "),
    ],
    ids=["as often as it may", "until another error came"],
)
def test_a_service_error_says_how_often_botocore_retried_if_it_gave_up(
    session: Any,
    local: LocalImageBuilder,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    expected: type[ibd.ApiError],
    text: str,
) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", types.SimpleNamespace(sleep=lambda _: None))
    config = Config(retries={"total_max_attempts": 3, "mode": "standard"})
    client = ibd.DistributionConfigurationClient(
        session.client("imagebuilder", endpoint_url=local.url, config=config), retries=ibd.Retries(attempts=3)
    )
    local.inject(AnswerError("ServiceException"), times=times)

    with pytest.raises(expected, match=re.escape(text)):
        client.get_distribution_configuration(ARN)
