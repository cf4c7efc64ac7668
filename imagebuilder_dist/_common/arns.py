"""
The service's ARNs, and botocore's Regions.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from imagebuilder_dist._common.attributes import check_type
from imagebuilder_dist._common.text import did_you_mean, printable, show

CONFIGURATION_ARN = "^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws):distribution-configuration/[a-z0-9-_]+$"
"""The pattern of a configuration's ARN in the service's model."""

_is_configuration_arn = re.compile(CONFIGURATION_ARN, re.ASCII).fullmatch

_PARTS = 6


class Arn(NamedTuple):
    """
    The parts of an ARN; any but the first two may be empty.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str
    """All that follows the account, for example `distribution-configuration/web`; it may contain colons."""


_ACCOUNT_ID = re.compile("[0-9]{12}")


def split_arn(text: str) -> Arn | None:
    """
    Return the parts of an ARN; `None` if *text* isn't one.
    """
    if not text.startswith("arn:"):
        return None
    _, *parts = text.split(":", _PARTS - 1)
    return Arn(*parts) if len(parts) == len(Arn._fields) else None


def distribution_configuration_arn(name: str, *, region_name: str, account_id: str, partition: str = "aws") -> str:
    """
    Return the ARN that the service derives from a configuration's *name*.

    >>> distribution_configuration_arn("My_Web servers", region_name="us-west-2", account_id="123456789012")
    'arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/my-web-servers'

    Args:
        name: The configuration's name; names that differ only in case, spaces and underscores share an ARN.
        region_name: The Region, for example `us-west-2`.
        account_id: The owner's account id, 12 digits.
        partition: `aws`, `aws-cn` or `aws-us-gov`.

    Raises:
        TypeError:
            If an argument isn't a string.
    """
    given = {"name": name, "region_name": region_name, "account_id": account_id, "partition": partition}
    for what, value in given.items():
        check_type(what, value, str)
    resource = re.sub("[ _]", "-", name.lower())
    return f"arn:{partition}:imagebuilder:{region_name}:{account_id}:distribution-configuration/{resource}"


def account_of_arn(arn: str) -> str | None:
    """
    Return the id of the account that owns what *arn* names; `None` if it contains none.
    """
    parts = split_arn(arn)
    return parts.account if parts and _ACCOUNT_ID.fullmatch(parts.account) else None


def problem_of_arn(arn: str) -> str:
    """
    Return why *arn* isn't the ARN of a distribution configuration; an empty string if it is one.
    """
    if _is_configuration_arn(arn):
        return ""
    parts = arn.split(":", _PARTS - 1)
    if len(parts) < _PARTS:
        return f"an ARN has {_PARTS} parts, separated by colons, but this one has {len(parts)}"
    _, _, service, _, account, resource = parts
    kind, _, name = resource.partition("/")
    article = "an" if kind.startswith(("i", "a")) else "a"
    digits = re.fullmatch("[0-9]+", account)
    problems = {
        f"the service is {show(service)}, not 'imagebuilder'": service != "imagebuilder",
        f"it is the ARN of {article} {printable(kind)}, not of a distribution-configuration": (
            kind != "distribution-configuration"
        ),
        f"the account has {len(account)} digits" if digits else f"{show(account)} isn't an account": (
            not re.fullmatch("[0-9]{12}|aws", account)
        ),
        "names in ARNs are lower case, with hyphens for spaces": not re.fullmatch("[a-z0-9_-]+", name),
    }
    return next((problem for problem, found in problems.items() if found), "the partition or the Region is wrong")


def _partitions() -> list[Any]:
    from botocore.exceptions import DataNotFoundError  # noqa: PLC0415 - as below
    from botocore.loaders import create_loader  # noqa: PLC0415 - slow to import, and only the first request needs it

    try:
        partitions: list[Any] = create_loader().load_data("partitions")["partitions"]
    except DataNotFoundError:  # botocore doesn't find its data in a zip file, and all but this works there
        return []
    return partitions


@cache
def partition_by_region() -> Mapping[str, str]:
    """
    Return all Regions that the installed botocore knows, each with its partition: `aws`, `aws-cn`, `aws-us-gov`, etc.

    It is empty in a program that is a zip file.
    """
    # `aws-global` stands for services without Regions.
    return {name: each["id"] for each in _partitions() for name in each["regions"] if not name.endswith("-global")}


def main_region(partition: str) -> str | None:
    """
    Return the Region of a *partition*'s global services: `us-east-1` for `aws`; `None` if botocore doesn't know it.
    """
    return next((each["outputs"]["implicitGlobalRegion"] for each in _partitions() if each["id"] == partition), None)


def dns_suffix(partition: str) -> str:
    """
    Return the domain of a *partition*'s endpoints: `amazonaws.com` for `aws`.
    """
    return next(str(each["outputs"]["dnsSuffix"]) for each in _partitions() if each["id"] == partition)


def unknown_region(name: str) -> str:
    """
    Return the message for a Region that botocore doesn't know, with the one that was probably meant.
    """
    return f"isn't a Region that botocore knows{did_you_mean(name, partition_by_region())}"
