"""
Clients that fail with the errors of botocore.
"""

from string import Formatter
from typing import Any
from unittest.mock import Mock

import botocore.compat
import botocore.exceptions
import pytest

import imagebuilder_dist as ibd
from tests.shapes import ARN

EVERY_CLASS: dict[str, type[Exception]] = {
    name: cls
    for name, cls in vars(botocore.exceptions).items()
    if isinstance(cls, type)
    and cls.__module__ == "botocore.exceptions"
    and issubclass(cls, Exception)
    and not issubclass(cls, Warning)
}


def failing(error: Exception) -> Mock:
    """Give a client of which every delete fails; no stub could raise all that botocore can."""
    fake = Mock()
    fake.delete_distribution_configuration.side_effect = error
    return fake


def delete(error: Exception) -> tuple[ibd.ImageBuilderDistError, int]:
    """Give what becomes of a botocore error, and how many calls were made."""
    fake = failing(error)
    client = ibd.DistributionConfigurationClient(fake, retries=ibd.Retries(attempts=3, sleep=lambda _: None))
    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        client.delete_distribution_configuration(ARN)
    return caught.value, fake.delete_distribution_configuration.call_count


def new(cls: type[Exception], **known: Any) -> Any:
    """Make one of botocore's errors, whatever its text wants to know."""
    wanted: dict[str, Any] = {name: "x" for _, name, *_ in Formatter().parse(getattr(cls, "fmt", "")) if name}
    if issubclass(cls, botocore.exceptions.WaiterError):
        wanted["last_response"] = "x"
    make: Any = cls
    return make(**(wanted | known))
