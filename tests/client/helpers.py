"""
Calls, faults and clients that several of the client's tests share.
"""

from collections.abc import Callable
from string import Formatter
from typing import Any, NoReturn
from unittest.mock import Mock

import attrs
import botocore.compat
import botocore.exceptions
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration
from imagebuilder_dist.testing import AnswerError, Clock, CloseAfterApplying, Exchange, LocalImageBuilder
from tests.samples import ARN, EVERYTHING, WEB

Connect = Callable[..., ibd.DistributionConfigurationClient]


class Recording:
    """A session that records the client that it created; it has only what a fake of a session needs."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def client(self, *args: Any, **options: Any) -> Any:
        self.made = self._session.client(*args, **options)
        return self.made


OPERATIONS: list[Callable[[Any, Any], Any]] = [
    lambda client, arn: client.get_distribution_configuration(arn),
    lambda client, arn: client.update_distribution_configuration(arn, [WEB]),
    lambda client, arn: client.delete_distribution_configuration(arn),
    lambda client, arn: client.tag_resource(arn, {"a": "b"}),
    lambda client, arn: client.untag_resource(arn, ["a"]),
    lambda client, arn: client.list_tags_for_resource(arn),
    lambda client, arn: client.edit_distribution_configuration(arn, lambda stored: stored),
]


CREATE = "CreateDistributionConfiguration"


GET = "GetDistributionConfiguration"


UPDATE = "UpdateDistributionConfiguration"


THROTTLED = AnswerError("CallRateLimitExceededException")


FAILED = AnswerError("ServiceException")


LOST = CloseAfterApplying()


class NoConnection:
    """A fault: the connection can't be opened, so nothing is sent."""

    def answer(self, _exchange: Exchange, /) -> NoReturn:
        raise botocore.exceptions.EndpointConnectionError(endpoint_url="u")


EVERY_CLASS: dict[str, type[Exception]] = {
    name: cls
    for name, cls in vars(botocore.exceptions).items()
    if isinstance(cls, type)
    and cls.__module__ == "botocore.exceptions"
    and issubclass(cls, Exception)
    and not issubclass(cls, Warning)
}


def update(
    client: ibd.DistributionConfigurationClient, client_token: str | None = None
) -> ibd.UpdateDistributionConfigurationResult:
    return client.update_distribution_configuration(ARN, [EVERYTHING], client_token=client_token)


def described(text: str | None) -> Callable[[DistributionConfiguration], DistributionConfiguration]:
    """Return a copy with another description."""
    return lambda stored: attrs.evolve(stored, description=text)


def scene(**options: Any) -> tuple[LocalImageBuilder, ibd.DistributionConfigurationClient, Clock]:
    """Return a service that has the configuration `ARN`, and a client that waits as long as it may, on that clock."""
    local, clock = LocalImageBuilder(), Clock()
    local.put(ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING]))
    retries = ibd.Retries(**{"sleep": clock.sleep, "clock": clock, "random": lambda: 1.0, **options})
    return local, local.client(retries=retries), clock


def retrying(client: Any, clock: Clock, **options: Any) -> ibd.DistributionConfigurationClient:
    retries = ibd.Retries(**{"sleep": clock.sleep, "clock": clock, "random": lambda: 1.0, **options})
    return ibd.DistributionConfigurationClient(client, retries=retries)


def failing(error: Exception) -> Mock:
    """Return a client whose deletes all fail; a stub couldn't raise every error of botocore."""
    fake = Mock()
    fake.delete_distribution_configuration.side_effect = error
    return fake


def delete(error: Exception) -> tuple[ibd.ImageBuilderDistError, int]:
    """Return what a botocore error becomes, and how many calls were made."""
    fake = failing(error)
    client = ibd.DistributionConfigurationClient(fake, retries=ibd.Retries(attempts=3, sleep=lambda _: None))
    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        client.delete_distribution_configuration(ARN)
    return caught.value, fake.delete_distribution_configuration.call_count


def new(cls: type[Exception], **known: Any) -> Any:
    """Create a botocore error, with a value for everything that its text contains."""
    wanted: dict[str, Any] = {name: "x" for _, name, *_ in Formatter().parse(getattr(cls, "fmt", "")) if name}
    if issubclass(cls, botocore.exceptions.WaiterError):
        wanted["last_response"] = "x"
    make: Any = cls
    return make(**(wanted | known))
