"""
No secret and no control character in anything that people read, whatever botocore and the service say.
"""

import io
import json
import logging
import pickle
import socket
import traceback
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
from imagebuilder_dist.testing import LocalImageBuilder, Reply
from tests.samples import ARN

from .helpers import delete

KEY, SECRET, TOKEN = "AKIDKEYKEYKEY", "secretsecretsecret", "sessiontokensessiontoken"


def everything_shown(error: BaseException) -> str:
    shown = [*traceback.format_exception(error), str(error), repr(error), repr(vars(error)), str(pickle.dumps(error))]
    return "\n".join([*shown, repr(error.__cause__)])


@pytest.mark.parametrize(
    ("key", "secret", "token", "region"),
    [
        (KEY, SECRET, f"{TOKEN}\n", "us-west-2"),
        (KEY, SECRET, f"{TOKEN}'\"\n", "us-west-2"),
        (KEY, SECRET, f"{TOKEN}\udcff", "us-west-2"),  # what os.environ makes of a byte that isn't UTF-8
        (KEY, f"{SECRET}\udcff", TOKEN, "us-west-2"),
        (f"{KEY}\udcff", SECRET, TOKEN, "us-west-2"),
        (KEY, SECRET, TOKEN, "us-west-2\n"),
    ],
)
def test_credentials_that_cannot_be_sent_are_not_shown(
    monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder, key: str, secret: str, token: str, region: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    client = ibd.DistributionConfigurationClient(region_name=region, endpoint_url=local.url)

    with pytest.raises(ibd.ConfigurationError, match="check the credentials") as caught:
        client.delete_distribution_configuration(ARN.replace("us-west-2", region))

    shown = everything_shown(caught.value)
    assert not any(hidden in shown for hidden in (KEY, SECRET, TOKEN, "Signature="))
    assert str(caught.value).isprintable()
    assert local.requests == ()


MARKS = ["x-amz-security-token:{}\n", "Credential={}/20300101", '{{"SessionToken": "{}"}}', "http://me:/{}@host/"]


MEMBERS = ["Message", "Code", "Type", "X-Amz-Security-Token"]


@settings(max_examples=40)
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
    options: Any = {"endpoint_url": {"endpoint_url": url}, "proxies": {"config": Config(proxies={"https": url})}}.get(
        place, {}
    )
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
def test_no_error_shows_what_cannot_be_seen(text: str) -> None:
    response: Any = {"Error": {"Code": text, "Message": text}}
    of_the_service = ibd.ApiError(response, "DeleteDistributionConfiguration", text)
    of_the_service.may_have_been_applied = True  # so that the token is shown
    of_ours = ibd.TransportError(text)

    assert str(of_the_service).isprintable()
    assert str(of_ours).isprintable()
    assert of_ours.message.isprintable()
    assert pickle.loads(pickle.dumps(of_ours)).message == of_ours.message  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Credential=AKID/2030, Signature=abc", "Credential=***, Signature=***"),
        ("X-Amz-Security-Token: abc", "X-Amz-Security-Token: ***"),
        ("?X-Amz-Credential=AKID%2F2030&X-Amz-Signature=abc&x=y", "?X-Amz-Credential=***&X-Amz-Signature=***&x=y"),
        ('{"SecretAccessKey": "abc", "SessionToken": "abc"}', '{"SecretAccessKey": "***", "SessionToken": "***"}'),
        ("aws_secret_access_key = abc", "aws_secret_access_key = ***"),
        (r"""Invalid header value b'a\'"b\n' there""", "Invalid header value *** there"),
        ("http://***:pass@host", "http://***@host"),
        ("http://me:p/a?s#s@w@host/x", "http://***@host/x"),
        ("http://me:a b'c@host", "http://***@host"),
        ("http://***:***@p/ass@host", "http://***@host"),
        (r"{\"SessionToken\":\"abc\"}", r"{\"SessionToken\":\"***\"}"),
        ("{'X-Amz-Security-Token': b'abc'}", "{'X-Amz-Security-Token': b'***'}"),
        ("X-Amz-Security-Token%3Dabc&x=y", "X-Amz-Security-Token%3D***&x=y"),
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


OTHERS = "998877665544"


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (403, {"__type": "AccessDeniedException"}, "AccessDeniedException"),
        (200, {"distributionConfiguration": {"tags": {"team": [OTHERS]}}}, "ResponseError"),
        (200, {"distributionConfiguration": {"distributions": [{"region": [{OTHERS: 1}]}]}}, "ResponseError"),
    ],
)
def test_neither_credentials_nor_an_unreadable_response_are_shown(
    caplog: pytest.LogCaptureFixture, local: LocalImageBuilder, status: int, body: object, text: str
) -> None:
    caplog.set_level(logging.DEBUG, logger="imagebuilder_dist")
    session = boto3.Session(KEY, SECRET, TOKEN, region_name="us-west-2")
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)
    local.inject(Reply(status, {}, json.dumps(body).encode()))

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        client.get_distribution_configuration(ARN)

    shown = f"{everything_shown(caught.value)}{caplog.text}{client!r}"
    assert text in shown
    assert not any(secret in shown for secret in (KEY, SECRET, TOKEN, OTHERS))
