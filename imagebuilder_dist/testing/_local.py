"""
An EC2 Image Builder on your own machine, for tests and demos.
"""

import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, cycle, repeat
from typing import Any, Self, cast

import attrs

from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.arns import distribution_configuration_arn
from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.aio import DistributionConfigurationClient as AsyncClient
from imagebuilder_dist.models import Configuration, DistributionConfiguration, distributions_of
from imagebuilder_dist.testing._faults import FAULTS, Exchange, Fault, MustNotHappen, tokens
from imagebuilder_dist.testing._http import Server
from imagebuilder_dist.testing._requests import ReceivedRequest, read_request
from imagebuilder_dist.testing._service import ImageBuilder, Owner, Reply
from imagebuilder_dist.testing._wire import Clock, Session, attach
from imagebuilder_dist.testing.examples import ACCOUNT_ID, REGION


class LocalImageBuilder:
    """
    The distribution configurations of EC2 Image Builder, kept in memory, for any SDK in any language.

    It can create, get, update, list, delete, tag, untag and list tags, and it is an STS, too: `AssumeRole` for the
    roles of any account, and `GetCallerIdentity`. Anything else gets a 501.
    It checks requests against botocore's service model and the rules that the service has beyond it,
    and rejects them with the service's own codes and messages.
    It doesn't check credentials, but those of a role end by its `clock`.

    As a context manager it listens on a port of 127.0.0.1:

    >>> from imagebuilder_dist import DistributionConfigurationClient
    >>> with LocalImageBuilder() as local:
    ...     client = DistributionConfigurationClient(local.boto3_client())

    Without a port, `client` and `aio` return clients that talk to it inside the process, and `attach` lets a boto3
    client do so.

    A request belongs to the account that its access key id contains, as those of STS do, or is; otherwise to
    `examples.ACCOUNT_ID`. It belongs to the Region that it is signed for, or to `examples.REGION`.

    Args:
        port: The port to listen on; with 0 the kernel picks a free one.
    """

    def __init__(self, *, port: int = 0) -> None:
        self.clock: Clock = Clock(time.monotonic)
        """
        The time, advanced by what clients inside the process would have waited.

        By `clock.sleep(3600)`, the credentials of a role end without waiting.
        """
        self._port = port
        self._service = ImageBuilder(self.clock)
        self._requests: deque[ReceivedRequest] = deque(maxlen=10_000)
        self._faults: list[tuple[str | None, Iterator[Fault]]] = []
        self._buckets: defaultdict[Owner, Iterator[bool]] = defaultdict(lambda: repeat(object=True))
        self._server: Server | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
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
        Start listening, unless it does; what was stored before is still there.

        Raises:
            OSError:
                If the port is taken.
        """
        if self._server is None:
            self._server = Server(self._respond, self._port)

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
        The last 10,000 requests, in the order of arrival.
        """
        with self._lock:
            return tuple(self._requests)

    def inject(self, *faults: Fault, times: int | None = 1, operation: str | None = None) -> None:
        """
        Let the next requests go wrong: each meets one of *faults*, in this order.

        >>> from imagebuilder_dist.testing import AnswerError, CloseAfterApplying
        >>> local = LocalImageBuilder()
        >>> local.inject(AnswerError("CallRateLimitExceededException"), CloseAfterApplying(), times=2)

        throttles one request, runs one without a response, and then does both once more.

        Args:
            faults: Those of `imagebuilder_dist.testing`, or your own.
            times: How often to go through them; `None` means forever.
            operation: If given, hit only requests for this operation, for example `UpdateDistributionConfiguration` or
                `AssumeRole`; if omitted, all of Image Builder's.

        Raises:
            ValueError:
                If the endpoint doesn't support the *operation*.
        """
        if operation is not None and operation not in self._service.operations:
            raise ValueError(f"operation must be one of {', '.join(self._service.operations)}, not {operation!r}")
        every = cycle(faults) if times is None else chain.from_iterable(repeat(faults, times))
        with self._lock:
            self._faults.append((operation, every))

    def forbid(self, *operations: str) -> None:
        """
        Let requests for *operations*, or any request if there are none, fail with an `AssertionError`.

        A client inside the process raises it; a client of the port finds its connection closed, and the error is
        printed. Faults that were injected before come first.

        Raises:
            ValueError:
                If the endpoint doesn't support one of *operations*.
        """
        for operation in operations or (None,):
            self.inject(MustNotHappen(), times=None, operation=operation)

    def throttle(self, *, per_second: float, burst: int) -> None:
        """
        Respond to requests beyond a rate with `CallRateLimitExceededException`, like the service's own token buckets.

        Each account and Region has a bucket of its own, which is refilled by this object's `clock`.

        Args:
            per_second: How many requests succeed each second.
            burst: How many requests succeed at once after a pause.
        """
        with self._lock:
            self._buckets = defaultdict(lambda: tokens(per_second, burst, self.clock))

    def clear_faults(self) -> None:
        """
        Undo `inject`, `forbid` and `throttle`.
        """
        with self._lock:
            self._faults, self._buckets = [], defaultdict(lambda: repeat(object=True))

    def boto3_client(self, *, region_name: str = REGION) -> Any:
        """
        Return a boto3 `imagebuilder` client that talks to this endpoint, with made-up credentials.

        Args:
            region_name: The Region to call.
        """
        return Session(region_name).client("imagebuilder", endpoint_url=self.url)

    def client(
        self, *, region_name: str = REGION, account_id: str = ACCOUNT_ID, retries: Retries | None = None
    ) -> DistributionConfigurationClient:
        """
        Return a client of this library that talks to this endpoint inside the process.

        Args:
            region_name: The Region to call.
            account_id: The account that the client belongs to, which sees no other account's configurations.
            retries: When to retry a call; if omitted, the defaults, without waiting.

        Raises:
            ValueError:
                If *account_id* isn't 12 digits.
        """
        return DistributionConfigurationClient(**self._options(region_name, account_id, retries))

    def aio(
        self, *, region_name: str = REGION, account_id: str = ACCOUNT_ID, retries: Retries | None = None
    ) -> AsyncClient:
        """
        Return a client for asyncio that talks to this endpoint inside the process; see `client`.
        """
        return AsyncClient(**self._options(region_name, account_id, retries))

    def _options(self, region_name: str, account_id: str, retries: Retries | None) -> dict[str, Any]:
        if not re.fullmatch("[0-9]{12}", account_id):
            raise ValueError(f"account_id must be 12 digits, not {account_id!r}")
        session = Session(region_name, account_id, self.attach)
        return {"session": session, "retries": retries or Retries(sleep=self.clock.sleep, clock=self.clock)}

    def attach(self, client: Any) -> None:
        """
        Let a boto3 *client* of Image Builder or STS talk to this endpoint inside the process, without the network.

        This replaces an endpoint that is attached already; don't do that while the client is in use.
        The client needs a Region and credentials, which can be made up.
        """
        attach(client, self._respond, self.clock.sleep)

    def put(self, configuration: Configuration | Mapping[str, Any]) -> DistributionConfiguration:
        """
        Store a configuration without a request, unchecked, and return what is stored.

        Client tokens that were used for its ARN are forgotten, so that a test may start over from the same state.

        Args:
            configuration: A configuration, whose ARN names its account and Region, a request, or distributions, which
                are stored under the name `web`. Without an ARN it is stored where `client()` looks by default.
                Or what a get shows, with the API's names; it may have members that this library doesn't know.

        Raises:
            ValueError:
                If its ARN isn't an ARN of a distribution configuration.
        """
        if is_mapping(configuration):
            document: Mapping[str, Any] = configuration
        elif isinstance(configuration, DistributionConfiguration):
            document = to_boto3(attrs.evolve(configuration, request_id=None))
        else:
            name: str = getattr(configuration, "name", "web")
            arn = distribution_configuration_arn(name, region_name=REGION, account_id=ACCOUNT_ID)
            arn = getattr(configuration, "distribution_configuration_arn", arn)
            members = {each: getattr(configuration, each, None) for each in ("name", "description", "tags")}
            distributions = distributions_of(cast(Configuration, configuration))
            document = to_boto3(DistributionConfiguration(arn=arn, distributions=distributions, **members))
        return from_boto3(self._service.put(document), DistributionConfiguration)

    def stored(self) -> tuple[DistributionConfiguration, ...]:
        """
        Return the stored configurations of all accounts and Regions, in the order of their ARNs.
        """
        return tuple(from_boto3(each, DistributionConfiguration) for each in self._service.documents())

    def _respond(
        self, method: str, target: str, authorization: str, body: bytes, wait: Callable[[float], object]
    ) -> Reply | None:
        request = read_request(method, target, authorization, body)
        exchange = Exchange(request, wait, self._service)
        # Before it is answered, so that a test also sees a request whose response never came.
        with self._lock:
            self._requests.append(request)
            fault = self._fault_for(request)
        return exchange.answer() if fault is None else fault.answer(exchange)

    def _fault_for(self, request: ReceivedRequest) -> Fault | None:
        is_sts = request.service == "sts"
        if not is_sts and not next(self._buckets[request.region_name, request.account_id]):
            return FAULTS["throttle"]
        for only, faults in self._faults:
            fault = next(faults, None) if only == request.operation or (only is None and not is_sts) else None
            if fault is not None:
                return fault
        return None
