"""
Clients that fail with botocore's errors.
"""

from string import Formatter
from typing import Any
from unittest.mock import Mock

import botocore.compat
import botocore.exceptions
import pytest

import imagebuilder_dist as ibd
from tests.samples import ARN

EVERY_CLASS: dict[str, type[Exception]] = {
    name: cls
    for name, cls in vars(botocore.exceptions).items()
    if isinstance(cls, type)
    and cls.__module__ == "botocore.exceptions"
    and issubclass(cls, Exception)
    and not issubclass(cls, Warning)
}


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
