"""
The targets of a fleet, and the clients that reach them.
"""

import os
import re
from collections.abc import Callable
from functools import lru_cache, partial
from threading import Lock
from typing import Any

import attrs
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.session import Session

from imagebuilder_dist._client.boto3 import configuring, shared_loader
from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._client.retries import Attempt, Retries
from imagebuilder_dist._common.attributes import check_type
from imagebuilder_dist.fleet import _tally

_ARN = re.compile(r"arn:[^:]+:imagebuilder:([^:]+):([^:]+):.+")
_ROLE_SESSION = "imagebuilder_dist"
_CONNECTIONS = 64
_MAX_SESSIONS = 256
_MAX_CLIENTS = 256
# Without it, two threads would create the same client twice, from a botocore session that isn't thread-safe.
_lock = Lock()


def _check_arn(_target: object, _attribute: "attrs.Attribute[str]", value: object) -> None:
    check_type("Target.arn", value, str)
    if not _ARN.fullmatch(str(value)):
        raise ValueError(f"Target.arn must be the ARN of a distribution configuration, not {value!r}")


def _check_region(target: "Target", _attribute: "attrs.Attribute[str]", value: object) -> None:
    if value != _region_of(target.arn):
        raise ValueError(f"Target.region_name must be the ARN's, {_region_of(target.arn)}, not {value!r}")


def _default_region(target: "Target") -> str:
    return _region_of(target.arn)


def _region_of(arn: object) -> str:
    found = _ARN.fullmatch(str(arn))
    return found[1] if found else ""


@attrs.frozen
class Target:
    """
    A configuration, and how to reach it. It is plain data, so it can be pickled.

    Raises:
        TypeError:
            If *arn* isn't a string.
        ValueError:
            If *arn* isn't an Image Builder ARN, or *region_name* isn't the ARN's Region.
    """

    arn: str = attrs.field(validator=_check_arn)
    """The configuration's ARN; the configuration need not exist yet."""

    region_name: str = attrs.field(default=attrs.Factory(_default_region, takes_self=True), validator=_check_region)
    """The Region to call; the ARN's, if omitted."""

    role_arn: str | None = attrs.field(default=None, kw_only=True)
    """The role to assume, usually in the configuration's account; if omitted, the caller's own credentials are used."""

    profile: str | None = attrs.field(default=None, kw_only=True)
    """The profile that calls, or that assumes the role; the default profile if omitted."""

    external_id: str | None = attrs.field(default=None, kw_only=True)
    """The external id that the role's trust policy requires, if any."""

    endpoint_url: str | None = attrs.field(default=None, kw_only=True)
    """The URL to call instead of AWS's, for example `LocalImageBuilder().url`."""

    client_token: str | None = attrs.field(default=None, kw_only=True, eq=False)
    """
    The client token for this target's write, set by `run`.

    It stays the same if the target is retried, also by a later run with the same journal. Pass it to an update or a
    create; edits and ensures derive their own tokens.
    """

    @property
    def account_id(self) -> str:
        """
        The account that owns the configuration.
        """
        return self.arn.split(":")[4]

    @property
    def lane(self) -> tuple[str, str]:
        """
        The account and Region, which the service throttles by.
        """
        return self.account_id, self.region_name

    def client(self, *, retries: Retries | None = None) -> DistributionConfigurationClient:
        """
        Return a client for the target's account and Region.

        A process keeps the last 256 clients and shares them between targets and threads. The clients of a role share
        its credentials, which botocore renews before they expire.

        Args:
            retries: The retry policy; the defaults of `Retries` if omitted.

        Raises:
            imagebuilder_dist.errors.ConfigurationError:
                If the profile doesn't exist.
            imagebuilder_dist.errors.CredentialsError:
                If the credentials can't be read or fetched. A role isn't assumed before the first call.
        """
        return client_of(
            self.region_name,
            role_arn=self.role_arn,
            profile=self.profile,
            external_id=self.external_id,
            endpoint_url=self.endpoint_url,
            retries=retries,
        )


def client_of(
    region_name: str,
    *,
    role_arn: str | None,
    profile: str | None,
    external_id: str | None,
    endpoint_url: str | None,
    retries: Retries | None = None,
) -> DistributionConfigurationClient:
    """
    Return this process's client for a Region, with the credentials of a role, a profile, or neither.
    """
    with _lock, configuring():
        # A forked process creates its own, and so does one whose environment has changed.
        process = os.getpid(), frozenset(os.environ.items())
        session = _make_session(process, profile, role_arn, external_id)
        return _make_client(session, region_name, endpoint_url, retries or Retries())


@lru_cache(maxsize=_MAX_CLIENTS)
def _make_client(
    session: Any, region_name: str, endpoint_url: str | None, retries: Retries
) -> DistributionConfigurationClient:
    return DistributionConfigurationClient(
        session=session,
        region_name=region_name,
        endpoint_url=endpoint_url,
        config=Config(max_pool_connections=_CONNECTIONS),
        retries=attrs.evolve(retries, on_attempt=partial(_count, retries.on_attempt)),
    )


def _count(hook: Callable[[Attempt], object] | None, attempt: Attempt) -> None:
    _tally.note(attempt)
    if hook is not None:
        hook(attempt)


@lru_cache(maxsize=_MAX_SESSIONS)
def _make_session(process: object, profile: str | None, role_arn: str | None, external_id: str | None) -> Any:
    session = Session(profile=profile)
    session.register_component("data_loader", shared_loader(session.get_config_variable("data_path")))
    if role_arn is not None:
        source = _make_session(process, profile, None, None)
        provider = _AssumedRole(source, role_arn, {"ExternalId": external_id} if external_id else {})
        session.register_component("credential_provider", CredentialResolver([provider]))
    return session


class _AssumedRole(CredentialProvider):
    """Assumes a role when its credentials are first used, and again before they expire."""

    METHOD = "assume-role"

    def __init__(self, source: Any, role_arn: str, extra: dict[str, str]) -> None:
        super().__init__()
        self._source, self._role_arn, self._extra = source, role_arn, extra

    def load(self) -> Any:
        """Return the role's credentials; `None` if the caller has no credentials."""
        own = self._source.get_credentials()
        if own is None:
            return None
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=self._create_client,
            source_credentials=own,
            role_arn=self._role_arn,
            extra_args={"RoleSessionName": _ROLE_SESSION, **self._extra},
        )
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)

    def _create_client(self, service: str, **keys: Any) -> Any:
        region = self._source.get_config_variable("region") or _STS_REGIONS.get(self._role_arn.split(":")[1])
        # This runs when credentials are first needed, outside of client_of.
        with _lock:
            return self._source.create_client(service, region_name=region, **keys)


# Where to assume roles if the caller has no Region configured.
_STS_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
