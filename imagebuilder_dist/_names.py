"""
The service's ARNs, and botocore's Regions.
"""

import re
from collections.abc import Mapping
from functools import cache

from imagebuilder_dist._fields import check_type


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


@cache
def partition_by_region() -> Mapping[str, str]:
    """
    Return all Regions that the installed botocore knows, each with its partition: `aws`, `aws-cn`, `aws-us-gov`, etc.
    """
    from botocore.loaders import create_loader  # noqa: PLC0415 - slow to import, and only the first request needs it

    partitions = create_loader().load_data("partitions")["partitions"]
    return {name: each["id"] for each in partitions for name in each["regions"] if not name.endswith("-global")}


@cache
def region_by_description() -> Mapping[str, str]:
    """
    Return all Regions that the installed botocore knows, by what the console calls them, in lower case.
    """
    from botocore.loaders import create_loader  # noqa: PLC0415 - see above

    partitions = create_loader().load_data("partitions")["partitions"]
    return {
        region.get("description", name).casefold(): name
        for each in partitions
        for name, region in each["regions"].items()
        if name in partition_by_region()
    }
