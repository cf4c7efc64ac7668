"""
Values for tests: a minimal and a complete value of every model and result, and ids and ARNs.

Evolve them, so that a test states only what it is about:

>>> from imagebuilder_dist import Distribution
>>> web = attrs.evolve(minimal(Distribution), region="eu-west-1")
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import members_of
from imagebuilder_dist._common.text import describe

__all__ = ["ACCOUNT_ID", "ARN", "OTHER_ACCOUNT_ID", "REGION", "complete", "minimal"]

T = TypeVar("T")

ACCOUNT_ID = "123456789012"
"""The account that owns the examples, and the default one of `LocalImageBuilder`."""

OTHER_ACCOUNT_ID = "111122223333"

REGION = "us-west-2"

ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT_ID}:distribution-configuration/web"
"""The ARN of a distribution configuration called `web`."""


# An example of each attribute that isn't a structure; of a list, one item.
_VALUES: Mapping[str, Any] = {
    **dict.fromkeys(["account_id", "ami_account_id", "target_account_ids", "user_ids"], OTHER_ACCOUNT_ID),
    **dict.fromkeys(["arn", "distribution_configuration_arn"], ARN),
    **dict.fromkeys(["date_created", "date_updated"], "2026-09-09T19:37:37.231Z"),
    **dict.fromkeys(["enabled", "set_default_version"], True),
    **dict.fromkeys(["name", "repository_name"], "web"),
    **dict.fromkeys(["region", "regions"], REGION),
    "ami_tags": {"team": "web"},
    "client_token": "01234567-89ab-cdef-0123-456789abcdef",
    "container_tags": "latest",
    "data_type": "aws:ec2:image",
    "description": "Web servers",
    "disk_image_format": "VHD",
    "kms_key_id": f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/01234567-89ab-cdef-0123-456789abcdef",
    "launch_template_id": "lt-0123456789abcdef0",
    "launch_template_version": "$Latest",
    "license_configuration_arns": (
        f"arn:aws:license-manager:{REGION}:{ACCOUNT_ID}:license-configuration:lic-0123456789abcdef0123456789abcdef"
    ),
    "max_parallel_launches": 6,
    "organization_arns": f"arn:aws:organizations::{ACCOUNT_ID}:organization/o-abcdefghij",
    "organizational_unit_arns": f"arn:aws:organizations::{ACCOUNT_ID}:ou/o-abcdefghij/ou-abcd-abcdefgh",
    "parameter_name": "/ami/web",
    "request_id": "fedcba98-7654-3210-fedc-ba9876543210",
    "role_name": "vmimport",
    "s3_bucket": "images",
    "s3_prefix": "web/",
    "service": "ECR",
    "tags": {"team": "web"},
    "target_resource_count": 5,
    "timeout_minutes": 720,
    "user_groups": "all",
}

# What the service always shows of a configuration, although its model doesn't say so.
_SHOWN = frozenset({"name", "distributions", "timeout_minutes"})


def minimal(cls: type[T]) -> T:
    """
    Return a model or result with the fewest members that the service accepts.

    Raises:
        TypeError:
            If *cls* isn't one of this library's models or results.
    """
    return cast(T, _build(cls, required_only=True))


def complete(cls: type[T]) -> T:
    """
    Return a model or result with all members that the service accepts together; a create isn't a dry run.

    Raises:
        TypeError:
            If *cls* isn't one of this library's models or results.
    """
    return cast(T, _build(cls, required_only=False))


def _build(cls: Any, *, required_only: bool) -> Any:
    if cls not in models.MODELS + models.RESULTS:
        raise TypeError(f"there are examples of imagebuilder_dist's models and results only, not of {describe(cls)}")
    shown = _SHOWN if "arn" in attrs.fields_dict(cls) else ()
    values: dict[str, Any] = {}
    for member in members_of(cls):
        if required_only and member.is_optional and member.attribute not in shown:
            continue
        value = _build(member.model, required_only=required_only) if member.model else _VALUES.get(member.attribute)
        if value is not None:  # there is no example of what can't be combined with the others
            values[member.attribute] = [value] if member.container is tuple else value
    if cls is models.Distribution and required_only:  # a Region needs an output
        values["ami_distribution_configuration"] = models.AmiDistributionConfiguration(description="Web servers")
    if cls is models.AmiDistributionConfiguration and not required_only:
        values["name"] = "web {{ imagebuilder:buildDate }}"
    return cls(**values)
