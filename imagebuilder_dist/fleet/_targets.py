"""
The targets of a fleet, and the clients that reach them.
"""

import os
from functools import lru_cache
from threading import RLock
from typing import Any, cast

import attrs
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.session import Session

from imagebuilder_dist._client.boto3 import configuring, set_up, shared_loader
from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._common.arns import Arn, main_region, partition_by_region, problem_of_arn, split_arn
from imagebuilder_dist._common.attributes import check_type

# Without a lock, two threads would create the same client twice, from a botocore session that isn't thread-safe. A
# process that is forked while another thread holds the lock gets one of its own.
_locks: dict[int, RLock] = {}


def _lock() -> RLock:
    return _locks.setdefault(os.getpid(), RLock())


def _check_arn(_target: object, _attribute: "attrs.Attribute[str]", value: str) -> None:
    check_type("Target.arn", value, str)
    if problem := problem_of_arn(value):
        raise ValueError(f"Target.arn must be the ARN of a distribution configuration, not {value!r}: {problem}")


@attrs.frozen
class Target:
    """
    A configuration, and how to reach it. It is plain data, so it can be pickled.

    Raises:
        TypeError:
            If *arn* isn't a string.
        ValueError:
            If *arn* isn't the ARN of a distribution configuration.
    """

    arn: str = attrs.field(validator=_check_arn)
    """The configuration's ARN; the configuration need not exist yet."""

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
        return cast(Arn, split_arn(self.arn)).account

    @property
    def region_name(self) -> str:
        """
        The configuration's Region, which is called.
        """
        return cast(Arn, split_arn(self.arn)).region

    def client(self) -> DistributionConfigurationClient:
        """
        Return a client for the target's account and Region.

        A process keeps the last 256 clients and shares them between targets and threads. The clients of a role share
        its credentials, which botocore renews before they expire.

        Raises:
            imagebuilder_dist.errors.ConfigurationError:
                If the profile doesn't exist.
            imagebuilder_dist.errors.CredentialsError:
                If the credentials can't be read or fetched. A role isn't assumed before the first call.
        """
        with _lock(), configuring():
            session = make_session(self.profile, self.role_arn, self.external_id)
            return _make_client(session, self.region_name, self.endpoint_url)


def make_session(profile: str | None, role_arn: str | None, external_id: str | None = None) -> Any:
    """
    Return a botocore session with the credentials of a profile, or of a role that the profile assumes.

    A role isn't assumed before the first call.

    Raises:
        imagebuilder_dist.errors.ConfigurationError:
            If the profile doesn't exist.
    """
    with _lock(), configuring():
        # A process that was forked creates its own, and so does one whose environment or files have changed since.
        return _make_session((os.getpid(), *set_up()), profile, role_arn, external_id)


@lru_cache(maxsize=256)
def _make_client(session: Any, region: str, url: str | None) -> DistributionConfigurationClient:
    config = Config(max_pool_connections=64)
    return DistributionConfigurationClient(session=session, region_name=region, endpoint_url=url, config=config)


@lru_cache(maxsize=256)
def _make_session(version: object, profile: str | None, role_arn: str | None, external_id: str | None) -> Any:
    session: Any = Session(profile=profile)
    session.register_component("data_loader", shared_loader(session.get_config_variable("data_path")))
    if role_arn is not None:
        extra = {} if external_id is None else {"ExternalId": external_id}
        role = _Role(_make_session(version, profile, None, None), role_arn, extra)
        session.register_component("credential_provider", role)
    return session


@attrs.frozen
class _Role:
    """What a session gets its credentials from: a role, assumed when they are first used and before they expire."""

    source: Any
    role_arn: str
    extra: dict[str, str]

    def load_credentials(self) -> Any:
        """Return the role's credentials; `None` if the caller has no credentials."""
        own = self.source.get_credentials()
        if own is None:
            return None
        extra = {"RoleSessionName": "imagebuilder_dist", **self.extra}
        fetcher = AssumeRoleCredentialFetcher(self._create_client, own, self.role_arn, extra_args=extra)
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

    def _create_client(self, service: str, **keys: Any) -> Any:
        arn, region = split_arn(self.role_arn), self.source.get_config_variable("region")
        # The STS of another partition doesn't know the role.
        if arn is not None and partition_by_region().get(region) != arn.partition:
            region = main_region(arn.partition)
        with _lock():  # this runs when credentials are first needed, outside of Target.client
            return self.source.create_client(service, region_name=region, **keys)
