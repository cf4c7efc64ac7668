"""
Clients of boto3: those that are passed in, those created by the library, and what speeds up the latter.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import lru_cache
from inspect import iscoroutinefunction
from threading import get_native_id
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._client.calls import region_of, watch
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._client.translation import cause_of, invalid_url, not_sent
from imagebuilder_dist._common.attributes import check_type
from imagebuilder_dist._common.text import describe, safe
from imagebuilder_dist._common.version import __version__

Options: TypeAlias = tuple[Any, str | None, str | None, Any]
"""Session, Region, endpoint and config of a client to create."""

_METHODS = (
    *(f"{verb}_distribution_configuration" for verb in ("create", "delete", "get", "update")),
    *("list_distribution_configurations", "list_tags_for_resource", "tag_resource", "untag_resource"),
)


def connect(
    client: Any,
    options: Options,
    retries: Retries | None,
    *,
    asynchronous: bool = False,
    max_pool_connections: int = 10,
) -> tuple[Any, Retries]:
    """
    Return the client to call, which is *client* or a new one of boto3's, and its retry policy.

    Args:
        client: The client that was passed in, if any.
        options: Session, Region, endpoint and config of a new client.
        retries: The retry policy that was passed in, if any.
        asynchronous: Whether *client* must be one of aiobotocore.
        max_pool_connections: The least number of connections that a new client keeps.

    Raises:
        TypeError:
            If *client* is combined with *options*, or isn't a client for Image Builder of the right kind.
    """
    if retries is None:
        retries = Retries()
    check_type("retries", retries, Retries)
    own = client is None
    if own:
        client, attempts = _make_client(options, max_pool_connections)
        pass_on_distributions(client)
        # Who sets AWS_MAX_ATTEMPTS means all retries, also those that replace botocore's.
        if retries.attempts is None:
            retries = attrs.evolve(retries, attempts=attempts)
    elif any(option is not None for option in options):
        raise TypeError("pass in either a client, or session, region_name, endpoint_url and config to create one")
    else:
        _check_client(client, asynchronous=asynchronous)
    watch(client, own=own)
    return client, retries


def endpoint_of(client: Any) -> str:
    """
    Return the Region and the endpoint of *client*, or describe a client that has none.
    """
    url = getattr(getattr(client, "meta", None), "endpoint_url", None)
    return f"{region_of(client)} at {safe(url)}" if isinstance(url, str) else describe(client)


def _check_client(client: Any, *, asynchronous: bool) -> None:
    """Reject anything but a client for Image Builder of that kind; a fake may have only some of the methods."""
    service = getattr(getattr(getattr(client, "meta", None), "service_model", None), "service_name", None)
    if isinstance(service, str) and service != "imagebuilder":  # a mock's isn't a string
        raise TypeError(f"client must be an imagebuilder client, not one for {service}")
    methods = [getattr(client, name, None) for name in _METHODS]
    if not any(methods):
        raise TypeError(f"client must be an imagebuilder client, not {describe(client)}")
    # aiobotocore's methods are plain functions that return coroutines, but its `close` is a coroutine function.
    is_asynchronous = any(map(iscoroutinefunction, [*methods, getattr(client, "close", None)]))
    if is_asynchronous != asynchronous:
        kind, hint = "a synchronous one", "imagebuilder_dist.aio takes asynchronous ones"
        if asynchronous:
            kind, hint = "one of aiobotocore or aioboto3", "omit it to run a boto3 client in threads"
        raise TypeError(f"client must be {kind}, not {describe(client)}; {hint}")


def pass_on_distributions(client: Any) -> None:
    """
    Let *client* pass distributions on unchanged, instead of copying them shape by shape.

    Copying takes up to two thirds of a call's CPU time, and what we send is plain data and validated already.
    Botocore doesn't copy shapes that its model marks as documents.
    """
    model: Any = client.meta.service_model  # each client has its own
    # If botocore's internals differ, everything goes the ordinary way.
    with suppress(AttributeError, KeyError):
        for operation in ("CreateDistributionConfiguration", "UpdateDistributionConfiguration"):
            model.operation_model(operation).input_shape.members["distributions"].member.is_document_type = True
        response = model.operation_model("GetDistributionConfiguration").output_shape
        response.members["distributionConfiguration"].is_document_type = True


def _make_client(options: Options, max_pool_connections: int) -> tuple[Any, int | None]:
    """Return a new client, and the attempts per call that the environment or the profile sets."""
    from botocore.config import Config  # noqa: PLC0415 - slow to import, and not always needed

    session, region_name, endpoint_url, config = options
    agents = [getattr(config, "user_agent_extra", None), f"imagebuilder_dist/{__version__}"]
    retries: Any = dict[str, Any](getattr(config, "retries", None) or {})
    if not retries.keys() & {"max_attempts", "total_max_attempts"}:
        retries["total_max_attempts"] = 1  # the library's retries replace botocore's
    # No parameter_validation: models and validation have checked it all.
    ours = Config(
        user_agent_extra=" ".join(filter(None, agents)),
        parameter_validation=False,
        retries=retries,
        max_pool_connections=max(max_pool_connections, getattr(config, "max_pool_connections", 0)),
    )
    with configuring():
        chosen = _chosen(session, region_name or getattr(config, "region_name", None))
        create = chosen.client if hasattr(chosen, "client") else chosen.create_client
        ours = config.merge(ours) if config else ours
        client: Any = create("imagebuilder", region_name=region_name, endpoint_url=endpoint_url, config=ours)
        _check_endpoint(client.meta.endpoint_url)
        attempts = _configured_attempts(chosen)
    return client, attempts


@contextmanager
def configuring() -> Generator[None, None, None]:
    """
    Raise failures to create a session or a client as the library's errors.
    """
    try:
        yield
    except Exception as error:
        typed = not_sent(error)
        if typed is None:
            raise
        raise typed from cause_of(error)


def _check_endpoint(url: str) -> None:
    """Check what botocore would find only while signing or sending, if at all."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - slow to import, and botocore has imported it

    parts = urlsplit(url)
    # Beyond 65535, .port itself raises a ValueError. An "@" outside of netloc means that the password contains a
    # character that ends it, so that the rest of the URL would be taken for a path and the user for the host.
    rest = parts.path + parts.query + parts.fragment
    if parts.scheme not in {"http", "https"} or parts.port == 0 or "@" in rest:
        raise invalid_url()


def _chosen(session: Any, region_name: str | None) -> Any:
    """Return boto3's default session if the program has set one up, or else one of botocore's, which starts faster."""
    chosen = session or getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    if chosen is None:
        chosen = _own_session(get_native_id(), region_name, *set_up())
        # A session runs a credential process only once, and a cached session's credentials may be outdated.
        if any("credential_process" in profile for profile in chosen.full_config["profiles"].values()):
            chosen = _own_session.__wrapped__()
    return chosen


def set_up() -> tuple[object, ...]:
    """
    Return what a session reads only once: the environment, and the versions of the files of profiles.
    """
    files = [("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")]
    return frozenset(os.environ.items()), *(_version_of(os.environ.get(name, default)) for name, default in files)


def _version_of(path: str) -> tuple[int, ...]:
    with suppress(OSError):  # no such file
        status = os.stat(os.path.expanduser(path))  # noqa: PTH111, PTH116 - pathlib is slow to import
        # Size and inode, too, because two versions may fall into one tick of the clock.
        return status.st_mtime_ns, status.st_size, status.st_ino
    return ()


@lru_cache(maxsize=16)
def _own_session(*_set_up: object) -> Any:
    """
    Create a botocore session, cached per thread and environment.

    Sessions aren't thread-safe, and they read environment and files only once.
    """
    from botocore.session import get_session  # noqa: PLC0415 - slow to import, and not always needed

    session: Any = get_session()
    session.register_component("data_loader", shared_loader(session.get_config_variable("data_path")))
    return session


@lru_cache(maxsize=1)
def shared_loader(data_path: str | None) -> Any:
    """
    Share botocore's loader: reading the service's model takes longer than all the rest.
    """
    from botocore.loaders import Loader  # noqa: PLC0415 - as above

    class QuickLoader(Loader):  # type: ignore[misc, unused-ignore] # botocore has no types
        # Botocore looks into the folders of all services, twice for a client; their names are enough.
        def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's signature
            return sorted({name for path in self.search_paths if os.path.isdir(path) for name in os.listdir(path)})  # noqa: PTH112, PTH208

    paths = (data_path or "").split(os.pathsep)
    return QuickLoader([os.path.expanduser(os.path.expandvars(path)) for path in paths if path])  # noqa: PTH111


def _configured_attempts(session: Any) -> int | None:
    theirs = getattr(session, "_session", session)  # boto3 has no public API for it
    try:
        attempts: int | None = theirs.get_config_variable("max_attempts")
    except AttributeError:  # a session that isn't boto3's
        return None
    except ValueError:
        attempts = 0
    if attempts is not None and attempts < 1:
        raise ValueError("AWS_MAX_ATTEMPTS, or the profile's max_attempts, must be a whole number of 1 or more")
    return attempts
