"""
An EC2 Image Builder on your own machine, for tests and demos.
"""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Any, Self

from botocore.config import Config

from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.arns import distribution_configuration_arn
from imagebuilder_dist._common.text import describe
from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.aio import DistributionConfigurationClient as AsyncClient
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, DistributionConfiguration
from imagebuilder_dist.testing._clock import Clock
from imagebuilder_dist.testing._endpoint import Endpoint, ReceivedRequest
from imagebuilder_dist.testing._heads import Hosts
from imagebuilder_dist.testing._http import Server
from imagebuilder_dist.testing._service import ImageBuilder, Reply
from imagebuilder_dist.testing._wire import Sent, Session, attach
from imagebuilder_dist.testing.faults import Fault


class LocalImageBuilder:
    """
    The distribution configurations of EC2 Image Builder, kept in memory, for any SDK in any language.

    It can create, get, update, list, delete, tag, untag and list tags; anything else gets a 501.
    It checks requests against botocore's service model and the rules that the service has beyond it,
    and rejects them with the service's own codes and messages.
    It doesn't check credentials.

    As a context manager it listens on a port of 127.0.0.1:

    >>> from imagebuilder_dist import DistributionConfigurationClient
    >>> with LocalImageBuilder() as local:
    ...     client = DistributionConfigurationClient(local.boto3_client())

    Without a port, `client`, `aio` and `account` return clients that talk to it inside the process, and `attach` lets
    a boto3 client do so.

    If a request's access key id is an account id, the request belongs to that account.

    Args:
        account_id: The account that owns everything, 12 digits.
        region_name: The Region of unsigned requests; signed ones name theirs.
        port: The port to listen on; with 0 the kernel picks a free one.
        max_requests: How many of the latest requests `requests` keeps; with 0 it keeps none.
        allowed_hosts: Host names to accept besides `localhost`, `127.*.*.*` and `[::1]`, in requests and as the origin
            of web pages; for example `host.docker.internal`, as a container calls its host.
            Requests to any other host get a 403.
        on_request: Called with each request after its response, in the thread that serves it.

    Raises:
        ValueError:
            If *max_requests* is below 0, or one of *allowed_hosts* isn't a name or an address without a port.
    """

    def __init__(
        self,
        *,
        account_id: str = "123456789012",
        region_name: str = "us-west-2",
        port: int = 0,
        max_requests: int = 10_000,
        allowed_hosts: Iterable[str] = (),
        on_request: Callable[[ReceivedRequest], object] | None = None,
    ) -> None:
        if max_requests < 0:
            raise ValueError(f"max_requests must be 0 or more, not {max_requests}")
        self.clock: Clock = Clock(time.monotonic)
        """The time, advanced by what clients from `client`, `aio` and `account` would have waited."""
        self._owner = (account_id, region_name)
        self._port = port
        self._hosts = Hosts(allowed_hosts)
        self._endpoint = Endpoint(
            ImageBuilder(account_id=account_id, region_name=region_name), max_requests, on_request
        )
        self._server: Server | None = None
        self._saving = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """
        The address to give as `endpoint_url`.

        Raises:
            RuntimeError:
                If it isn't listening.
        """
        if self._server is None:
            raise RuntimeError("LocalImageBuilder isn't listening; use it in a with statement, or call start()")
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """
        Start listening; what was stored before is still there.

        Raises:
            RuntimeError:
                If it is listening already.
            OSError:
                If the port is taken.
        """
        if self._server is not None:
            raise RuntimeError("LocalImageBuilder is listening already")
        self._server = Server(self._endpoint, self._hosts, self._port)
        self._server.start()

    def stop(self) -> None:
        """
        Stop listening, close every connection, and wait until all threads have ended.
        """
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """
        The last *max_requests* requests, in the order of arrival.
        """
        return self._endpoint.requests

    def inject(self, *faults: Fault, times: int = 1, operation: str | None = None) -> None:
        """
        Let the next requests go wrong: each meets one of *faults*, in this order.

        >>> from imagebuilder_dist.testing import AnswerError, CloseAfterApplying
        >>> local = LocalImageBuilder()
        >>> local.inject(AnswerError("CallRateLimitExceededException"), CloseAfterApplying(), times=2)

        throttles one request, runs one without a response, and then does both once more.

        Args:
            faults: Those of `imagebuilder_dist.testing.faults`, or your own.
            times: How often to go through them.
            operation: If given, hit only requests for this operation, for example `UpdateDistributionConfiguration`.

        Raises:
            TypeError:
                If one of *faults* isn't a fault.
            ValueError:
                If there are no faults, or the endpoint doesn't support the *operation*.
        """
        _check_faults(faults)
        if not (faults and times >= 1):
            raise ValueError(f"give at least one fault and times of 1 or more, not {len(faults)} and {times}")
        supported = self._endpoint.service.operations
        if operation is not None and operation not in supported:
            raise ValueError(f"operation must be one of {', '.join(supported)}, not {operation!r}")
        self._endpoint.script.add(faults * times, operation)

    def inject_randomly(self, *faults: Fault, rate: float, seed: int) -> None:
        """
        Let a share of all requests go wrong, each with one of *faults*; this replaces an earlier share.

        Args:
            faults: Those of `imagebuilder_dist.testing.faults`, or your own.
            rate: The share, from 0 to 1.
            seed: The same seed hits the same requests, counted in the order of arrival.

        Raises:
            TypeError:
                If one of *faults* isn't a fault.
            ValueError:
                If *rate* isn't from 0 to 1, or there are no *faults*.
        """
        _check_faults(faults)
        if not (faults and 0 <= rate <= 1):
            raise ValueError(f"give at least one fault and a rate from 0 to 1, not {len(faults)} and {rate}")
        self._endpoint.script.add_chance(faults, rate, seed)

    def throttle(self, *, per_second: float, burst: int, clock: Callable[[], float] | None = None) -> None:
        """
        Respond to requests beyond a rate with `CallRateLimitExceededException`, like the service's own token bucket.

        Args:
            per_second: How many requests succeed each second.
            burst: How many requests succeed at once after a pause.
            clock: Returns the time in seconds; if omitted, this object's `clock`.

        Raises:
            ValueError:
                If *per_second* is below 0, or *burst* below 1.
        """
        if not (per_second >= 0 and burst >= 1):
            raise ValueError(f"give a rate of 0 or more and a burst of 1 or more, not {per_second} and {burst}")
        self._endpoint.script.add_throttle(per_second, burst, clock or self.clock)

    def clear_faults(self) -> None:
        """
        Undo `inject`, `inject_randomly` and `throttle`.
        """
        self._endpoint.script.clear()

    def boto3_client(self, *, region_name: str | None = None, config: Config | None = None) -> Any:
        """
        Return a boto3 `imagebuilder` client that talks to this endpoint, with made-up credentials.

        Args:
            region_name: The Region to call; the endpoint's own if omitted.
            config: Passed on to boto3.
        """
        session = Session(None, self._owner[1])
        return session.client("imagebuilder", region_name=region_name, endpoint_url=self.url, config=config)

    def client(
        self, *, region_name: str | None = None, account_id: str | None = None, retries: Retries | None = None
    ) -> DistributionConfigurationClient:
        """
        Return a client of this library that talks to this endpoint inside the process.

        Args:
            region_name: The Region to call; the endpoint's own if omitted.
            account_id: The account that the client belongs to; the endpoint's own if omitted.
            retries: When to retry a call; if omitted, the defaults, without waiting.

        Raises:
            ValueError:
                If *account_id* isn't 12 digits.
        """
        session = self._session(region_name, account_id)
        return DistributionConfigurationClient(session=session, retries=retries or self._retries)

    def aio(
        self, *, region_name: str | None = None, account_id: str | None = None, retries: Retries | None = None
    ) -> AsyncClient:
        """
        Return a client for asyncio that talks to this endpoint inside the process.

        Args:
            region_name: The Region to call; the endpoint's own if omitted.
            account_id: The account that the client belongs to; the endpoint's own if omitted.
            retries: When to retry a call; if omitted, the defaults, without waiting.

        Raises:
            ValueError:
                If *account_id* isn't 12 digits.
        """
        return AsyncClient(session=self._session(region_name, account_id), retries=retries or self._retries)

    def account(self, account_id: str) -> DistributionConfigurationClient:
        """
        Return a client of another account, which sees only that account's configurations.

        Raises:
            ValueError:
                If *account_id* isn't 12 digits.
        """
        return self.client(account_id=account_id)

    @property
    def _retries(self) -> Retries:
        return Retries(sleep=self.clock.sleep, clock=self.clock)

    def _session(self, region_name: str | None, account_id: str | None) -> Session:
        own_account, own_region = self._owner
        account_id = account_id or own_account
        if not re.fullmatch("[0-9]{12}", account_id):
            raise ValueError(f"account_id must be 12 digits, not {account_id!r}")
        return Session(partial(self._respond, self.clock), region_name or own_region, account_id)

    def put(
        self, configuration: DistributionConfiguration | CreateDistributionConfigurationRequest
    ) -> DistributionConfiguration:
        """
        Store a configuration without a request, unchecked, and return what is stored.

        Args:
            configuration: A configuration, whose ARN names its account and Region, or a request that would create
                it in the endpoint's own.

        Raises:
            ValueError:
                If its ARN isn't an ARN of a distribution configuration.
        """
        if isinstance(configuration, CreateDistributionConfigurationRequest):
            account_id, region_name = self._owner
            configuration = DistributionConfiguration(
                arn=distribution_configuration_arn(configuration.name, region_name=region_name, account_id=account_id),
                name=configuration.name,
                description=configuration.description,
                distributions=configuration.distributions,
                tags=configuration.tags,
            )
        self._endpoint.service.put(to_boto3(configuration))
        documents = self._endpoint.service.documents()
        stored = next(document for document in documents if document["arn"] == configuration.arn)
        return from_boto3(stored, DistributionConfiguration)

    def stored(self) -> tuple[DistributionConfiguration, ...]:
        """
        Return the stored configurations of all accounts and Regions, in the order of their ARNs.
        """
        return tuple(from_boto3(each, DistributionConfiguration) for each in self._endpoint.service.documents())

    def reset(self) -> None:
        """
        Forget everything: configurations, client tokens, requests and faults.
        """
        self._endpoint.service.clear()
        self._endpoint.clear()
        self.clear_faults()

    def save(self, path: str | os.PathLike[str]) -> None:
        """
        Write the stored configurations to a JSON file, all or nothing; client tokens aren't saved.

        Raises:
            OSError:
                If it can't be written.
        """
        with self._saving:
            text = json.dumps({"distributionConfigurations": self._endpoint.service.documents()}, indent=1)
            target = Path(path)
            with NamedTemporaryFile("w", dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
                try:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).replace(target)
                except BaseException:
                    Path(file.name).unlink()
                    raise

    def load(self, path: str | os.PathLike[str]) -> None:
        """
        Load a file that `save` has written; configurations that are stored already stay.

        Raises:
            OSError:
                If the file can't be read.
            ValueError:
                If `save` hasn't written it.
        """
        try:
            documents = json.loads(Path(path).read_text())["distributionConfigurations"]
            for document in documents:
                from_boto3(document, DistributionConfiguration)
            self._endpoint.service.put(*documents)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} wasn't written by LocalImageBuilder.save: {error}") from error

    def attach(self, client: Any) -> None:
        """
        Let a boto3 *client* talk to this endpoint inside the process; it no longer uses the network.

        This replaces an endpoint that is attached already; don't do that while the client is in use.
        The client needs a Region and credentials, which can be made up.
        """
        attach(client, partial(self._respond, None))

    def _respond(self, clock: Clock | None, sent: Sent) -> Reply | None:
        return self._endpoint.respond(
            sent.method, sent.target, sent.headers, lambda: sent.body, partial(sent.wait, clock=clock)
        )


def _check_faults(faults: tuple[object, ...]) -> None:
    for fault in faults:
        if isinstance(fault, type) or not callable(getattr(fault, "answer", None)):
            raise TypeError(
                f"a fault must be an object with an answer() method, for example Delay(1), not {describe(fault)}"
            )
