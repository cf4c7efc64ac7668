"""
The limits of the service's model.
"""

from collections.abc import Callable, Mapping

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.arns import CONFIGURATION_ARN, problem_of_arn


@attrs.frozen(kw_only=True)
class Limit:
    """
    What the service's model allows for a value: its size, its pattern and its items.
    """

    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    """As in the model: in the service's regular expressions, `$` matches only at the very end."""

    says: str | None = None
    """What the pattern allows, in words."""

    why: Callable[[str], str] | None = None
    """Says what is wrong with a value that doesn't match the pattern."""

    items: "Limit | None" = None
    """The limit of each item of a list, or of each value of a mapping."""

    keys: "Limit | None" = None


NO_LIMIT = Limit()
_MAX_INTEGER = 2**31 - 1
"""The model's integers have 32 bits."""

_NON_EMPTY = Limit(min=1, max=1024)
ACCOUNT_ID = Limit(pattern="^[0-9]{12}$", says="an account id of 12 digits")
_ACCOUNTS = Limit(min=1, max=1536, items=ACCOUNT_ID)
_STRINGS = Limit(items=_NON_EMPTY)
_LAUNCH_TEMPLATE_ID = Limit(
    pattern="^lt-[a-z0-9-_]{17}$", says="`lt-` and 17 lower-case letters, digits, hyphens or underscores"
)
_CLIENT_TOKEN = Limit(min=1, max=64)
MAX_TAGS = 50
_TAG_KEYS = Limit(
    min=1,
    max=128,
    pattern=r"^(?!aws:)[a-zA-Z0-9\s_.:/=+\-@]*$",
    says="letters, digits, white space and _ . : / = + - @, and not begin with `aws:`",
)
TAGS = Limit(min=1, max=MAX_TAGS, keys=_TAG_KEYS, items=Limit(max=256))
_LICENSE_ARN = Limit(
    pattern="^arn:aws[^:]*:license-manager:[^:]+:[0-9]{12}:license-configuration:lic-[a-z0-9-_]{32}$",
    says="an ARN of a License Manager configuration, such as "
    "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef",
)
_ORGANIZATION_ARN = Limit(
    pattern="^arn:aws[^:]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$",
    says="an ARN of an organization, such as arn:aws:organizations::123456789012:organization/o-a1b2c3d4e5",
)
_UNIT_ARN = Limit(
    # The model has no end anchor, so the service accepts anything after a match.
    pattern="^arn:aws[^:]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}",
    says="an ARN of an organizational unit, such as "
    "arn:aws:organizations::123456789012:ou/o-a1b2c3d4e5/ou-a1b2-c3d4e5f6",
)
_CONFIGURATION_ARN = Limit(
    pattern=CONFIGURATION_ARN,
    says="an ARN such as "
    "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/my-configuration, "
    "which distribution_configuration_arn(...) builds from a name",
    why=problem_of_arn,
)

LIMITS: Mapping[type, Mapping[str, Limit]] = {
    models.UpdateDistributionConfigurationRequest: {
        "distribution_configuration_arn": _CONFIGURATION_ARN,
        "description": _NON_EMPTY,
        "client_token": _CLIENT_TOKEN,
    },
    models.DistributionConfiguration: {"arn": _CONFIGURATION_ARN, "description": _NON_EMPTY},
    models.CreateDistributionConfigurationRequest: {
        "name": Limit(
            pattern="^[-_A-Za-z-0-9][-_A-Za-z0-9 ]{1,126}[-_A-Za-z-0-9]$",
            says="3 to 128 letters, digits, hyphens, underscores or spaces, with no space at either end",
        ),
        "description": _NON_EMPTY,
        "tags": TAGS,
        "client_token": _CLIENT_TOKEN,
    },
    models.Distribution: {
        "region": _NON_EMPTY,
        "license_configuration_arns": Limit(min=1, max=50, items=_LICENSE_ARN),
        "launch_template_configurations": Limit(min=1, max=100),
        "fast_launch_configurations": Limit(min=1, max=1000),
    },
    models.AmiDistributionConfiguration: {
        "name": Limit(
            min=1,
            max=127,
            pattern=r"^[-_A-Za-z0-9{][-_A-Za-z0-9\s:{}\.]+[-_A-Za-z0-9}]$",
            says="3 or more letters, digits, hyphens, underscores or {{ tags }}, with white space, : and . in between",
        ),
        "description": _NON_EMPTY,
        "target_account_ids": _ACCOUNTS,
        "ami_tags": TAGS,
        "kms_key_id": _NON_EMPTY,
    },
    models.LaunchPermissionConfiguration: {
        "user_ids": _ACCOUNTS,
        "user_groups": _STRINGS,
        "organization_arns": Limit(min=1, max=25, items=_ORGANIZATION_ARN),
        "organizational_unit_arns": Limit(min=1, max=25, items=_UNIT_ARN),
    },
    models.ContainerDistributionConfiguration: {"description": _NON_EMPTY, "container_tags": _STRINGS},
    models.TargetContainerRepository: {"repository_name": _NON_EMPTY},
    models.LaunchTemplateConfiguration: {"launch_template_id": _LAUNCH_TEMPLATE_ID, "account_id": ACCOUNT_ID},
    models.S3ExportConfiguration: {"role_name": _NON_EMPTY, "s3_bucket": _NON_EMPTY, "s3_prefix": _NON_EMPTY},
    models.FastLaunchConfiguration: {"max_parallel_launches": Limit(min=1, max=_MAX_INTEGER), "account_id": ACCOUNT_ID},
    models.FastLaunchSnapshotConfiguration: {"target_resource_count": Limit(min=1, max=10_000)},
    models.FastLaunchLaunchTemplateSpecification: {
        "launch_template_id": _LAUNCH_TEMPLATE_ID,
        "launch_template_name": _NON_EMPTY,
        "launch_template_version": _NON_EMPTY,
    },
    models.SsmParameterConfiguration: {
        "ami_account_id": ACCOUNT_ID,
        "parameter_name": Limit(min=1, max=1011, pattern=r"^[a-zA-Z0-9_.\-\/]+$", says="letters, digits and _ . - /"),
    },
}
"""The limits of attributes, as in botocore's model; constructors know which members are required."""
