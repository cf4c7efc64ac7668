"""
Whatever botocore raises becomes an error of the library that says whether it was sent.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
import botocore.compat
import botocore.exceptions
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN

from .failing import EVERY_CLASS, delete, failing, new

OF_THE_SERVICE = {"ClientError", "EventStreamError"}
OF_THE_STUBBER = {"StubAssertionError", "StubResponseError", "UnStubbedResponseError"}
CREDENTIALS = {
    "CredentialRetrievalError",
    "LoginAuthorizationCodeError",
    "LoginError",
    "LoginInsufficientPermissions",
    "LoginRefreshRequired",
    "LoginTokenLoadError",
    "MetadataRetrievalError",
    "NoAuthTokenError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "RefreshWithMFAUnsupportedError",
    "SSOError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
REQUEST = {
    "AliasConflictParameterError",
    "MissingParametersError",
    "ParamValidationError",
    "RangeError",
    "UnknownKeyError",
    "UnknownParameterError",
    "ValidationError",
}
# The error of ours, and whether the request may have been sent.
ON_THE_WIRE: dict[str, tuple[type[ibd.TransportError], bool]] = {
    "CapacityNotAvailableError": (ibd.TransportError, False),
    "ConnectTimeoutError": (ibd.RequestTimeoutError, False),
    "EndpointConnectionError": (ibd.ConnectionFailedError, False),
    "AwsChunkedWrapperError": (ibd.TransportError, True),
    "BotoCoreError": (ibd.TransportError, True),
    "ChecksumError": (ibd.TransportError, True),
    "ConnectionClosedError": (ibd.ConnectionFailedError, True),
    "ConnectionError": (ibd.ConnectionFailedError, True),
    "FlexibleChecksumError": (ibd.TransportError, True),
    "HTTPClientError": (ibd.ConnectionFailedError, True),
    "IncompleteReadError": (ibd.TransportError, True),
    "PaginationError": (ibd.TransportError, True),
    "ProxyConnectionError": (ibd.ConnectionFailedError, True),
    "ReadTimeoutError": (ibd.RequestTimeoutError, True),
    "ResponseStreamingError": (ibd.ConnectionFailedError, True),
    "SSLError": (ibd.ConnectionFailedError, True),
    "UnseekableStreamError": (ibd.TransportError, True),
    "WaiterError": (ibd.TransportError, True),
}


def of(names: Iterable[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", sorted(set(names) & set(EVERY_CLASS)))


@of(CREDENTIALS)
def test_what_cannot_be_signed_is_a_credentials_error(name: str) -> None:
    error, calls = delete(new(EVERY_CLASS[name]))

    assert type(error) is ibd.CredentialsError
    assert (error.may_have_been_applied, error.attempts or 0, calls) == (False, 0, 1)


@of(set(EVERY_CLASS) - CREDENTIALS - REQUEST - set(ON_THE_WIRE) - OF_THE_SERVICE - OF_THE_STUBBER)
def test_what_is_set_up_wrongly_is_a_configuration_error(name: str) -> None:
    error, calls = delete(EVERY_CLASS[name]() if name == "UndefinedModelAttributeError" else new(EVERY_CLASS[name]))

    assert type(error) is ibd.ConfigurationError
    assert (error.may_have_been_applied, error.attempts or 0, calls) == (False, 0, 1)


@of(REQUEST)
def test_what_botocore_rejects_is_a_validation_error(name: str) -> None:
    error, calls = delete(new(EVERY_CLASS[name]))

    assert type(error) is ibd.ValidationError
    assert (error.may_have_been_applied, error.attempts or 0, calls) == (False, 0, 1)


@of(ON_THE_WIRE)
def test_what_got_no_response_says_whether_it_may_have_been_applied(name: str) -> None:
    """
    A delete has no token, so it is retried only if it certainly wasn't applied.
    """
    ours, may_have_been_applied = ON_THE_WIRE[name]

    error, calls = delete(new(EVERY_CLASS[name]))

    assert type(error) is ours
    assert error.may_have_been_applied is may_have_been_applied
    assert error.attempts == calls == (1 if may_have_been_applied else 3)


@of(OF_THE_STUBBER)
def test_what_a_stubber_says_to_a_test_is_left_alone(name: str) -> None:
    fake = failing(new(EVERY_CLASS[name]))

    with pytest.raises(EVERY_CLASS[name]):
        ibd.DistributionConfigurationClient(fake).delete_distribution_configuration(ARN)


@pytest.mark.parametrize(
    ("base", "ours", "may_have_been_applied"),
    [
        ("BotoCoreError", ibd.TransportError, True),
        ("HTTPClientError", ibd.ConnectionFailedError, True),
        ("EndpointConnectionError", ibd.ConnectionFailedError, False),
        ("NoRegionError", ibd.ConfigurationError, False),
        ("SSOError", ibd.CredentialsError, False),
    ],
)
def test_a_subclass_that_nobody_knows_means_what_its_nearest_known_base_means(
    base: str, ours: type[ibd.ImageBuilderDistError], may_have_been_applied: bool
) -> None:
    error, _ = delete(new(type("BrandNewError", (EVERY_CLASS[base],), {})))

    assert type(error) is ours
    assert error.may_have_been_applied is may_have_been_applied


@pytest.mark.parametrize("code", errors.BY_CODE)
def test_every_code_arrives_as_its_class_and_as_a_client_error(code: str) -> None:
    theirs = ClientError({"Error": {"Code": code, "Message": "why"}}, "DeleteDistributionConfiguration")

    error, _ = delete(theirs)

    assert type(error) is errors.BY_CODE[code]
    assert isinstance(error, ClientError)
    assert error.response == theirs.response
    assert error.operation_name == "DeleteDistributionConfiguration"
    assert str(error).startswith(str(theirs))


def test_an_unknown_code_arrives_with_it() -> None:
    error, _ = delete(ClientError({"Error": {"Code": "BrandNewException", "Message": "why"}}, "Operation"))

    assert type(error) is ibd.ApiError
    assert error.code == "BrandNewException"


def test_a_response_without_an_error_in_it_is_unknown() -> None:
    error, _ = delete(ClientError({}, "Operation"))

    assert isinstance(error, ibd.ApiError)
    assert (error.code, error.message, error.http_status, error.request_id) == ("Unknown", "", None, None)


def test_what_botocore_rejects_has_paths() -> None:
    report = (
        'Missing required parameter in distributions[0]: "region"\n'
        "Invalid length for parameter description, value: 0, valid min length: 1\n"
        'Missing required parameter in input: "name"\n'
        "Something else"
    )

    error, _ = delete(botocore.exceptions.ParamValidationError(report=report))

    assert isinstance(error, ibd.ValidationError)
    assert [issue.path for issue in error.issues] == ["distributions[0]", "description", "input", ""]
    head = f"4 problems in DeleteDistributionConfiguration of {ARN}:"
    assert str(error).startswith(f"{head}\n  distributions[0]: Missing required parameter")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_RETRY_MODE", "bogus"),
        ("AWS_DEFAULTS_MODE", "bogus"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "bogus"),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "bogus"),
        ("AWS_RESPONSE_CHECKSUM_VALIDATION", "bogus"),
    ],
)
def test_a_setting_that_botocore_rejects_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-west-2")

    with pytest.raises(ibd.ConfigurationError, match=value) as caught:
        ibd.DistributionConfigurationClient(session=session)

    assert caught.value.may_have_been_applied is False


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"signature_version": "bogus"}, "Unknown Signature Version: bogus"),
        ({"proxies": {"http": "http://127.0.0.1:99999"}}, "URL of an endpoint or of a proxy is invalid"),
        (
            {"proxies": {"http": "https://127.0.0.1:1"}, "proxies_config": {"proxy_ca_bundle": "/nowhere.pem"}},
            "proxies_config",
        ),
        ({"user_agent_extra": "two\nlines"}, "user_agent_extra"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_client_that_cannot_send_is_not_asked_again(
    session: Any, local: LocalImageBuilder, options: Any, text: str
) -> None:
    slept: list[float] = []
    client = ibd.DistributionConfigurationClient(
        session=session,
        endpoint_url=local.url,
        config=Config(**options),
        retries=ibd.Retries(sleep=slept.append),
    )

    with pytest.raises(ibd.ConfigurationError, match=text) as caught:
        client.delete_distribution_configuration(ARN)

    assert (caught.value.may_have_been_applied, caught.value.attempts or 0) == (False, 0)
    assert slept == []
    assert local.requests == ()


def test_an_endpoint_of_another_protocol_is_a_configuration_error(session: Any) -> None:
    with pytest.raises(ibd.ConfigurationError, match="they take http or https"):
        ibd.DistributionConfigurationClient(session=session, endpoint_url="ftp://127.0.0.1")


@pytest.mark.skipif(not hasattr(botocore.exceptions, "LoginError"), reason="this botocore knows no login profiles")
@pytest.mark.skipif(botocore.compat.HAS_CRT, reason="crt isn't missing")
def test_a_login_profile_without_crt_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = "[default]\nregion = us-west-2\nlogin_session = arn:aws:iam::123456789012:user/me\n"
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    with pytest.raises(ibd.ConfigurationError, match="Missing Dependency"):
        ibd.DistributionConfigurationClient(session=boto3.Session())
