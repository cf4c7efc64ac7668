"""
The limits of the service's model.
"""

from collections.abc import Callable, Mapping

import attrs

from imagebuilder_dist._common.arns import CONFIGURATION_ARN, problem_of_arn
from imagebuilder_dist._common.attributes import Member
from imagebuilder_dist.models import RESULTS, DistributionConfiguration


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

LIMITS: Mapping[str, Limit] = {
    "AmiDistributionConfiguration.name": Limit(
        min=1,
        max=127,
        pattern=r"^[-_A-Za-z0-9{][-_A-Za-z0-9\s:{}\.]+[-_A-Za-z0-9}]$",
        says="3 or more letters, digits, hyphens, underscores or {{ tags }}; spaces, colons and dots only between them",
    ),
    "CreateDistributionConfigurationRequest.name": Limit(
        pattern="^[-_A-Za-z-0-9][-_A-Za-z0-9 ]{1,126}[-_A-Za-z-0-9]$",
        says="3 to 128 letters, digits, hyphens, underscores or spaces, with no space at either end",
    ),
    "accountId": ACCOUNT_ID,
    "amiAccountId": ACCOUNT_ID,
    "amiTags": TAGS,
    "arn": _CONFIGURATION_ARN,
    "clientToken": Limit(min=1, max=64),
    "containerTags": Limit(items=_NON_EMPTY),
    "distributionConfigurationArn": _CONFIGURATION_ARN,
    "fastLaunchConfigurations": Limit(min=1, max=1000),
    "launchTemplateConfigurations": Limit(min=1, max=100),
    "launchTemplateId": Limit(
        pattern="^lt-[a-z0-9-_]{17}$", says="`lt-` and 17 lower-case letters, digits, hyphens or underscores"
    ),
    "licenseConfigurationArns": Limit(min=1, max=50, items=_LICENSE_ARN),
    "maxParallelLaunches": Limit(min=1, max=_MAX_INTEGER),
    "organizationArns": Limit(min=1, max=25, items=_ORGANIZATION_ARN),
    "organizationalUnitArns": Limit(min=1, max=25, items=_UNIT_ARN),
    "parameterName": Limit(min=1, max=1011, pattern=r"^[a-zA-Z0-9_.\-\/]+$", says="letters, digits and _ . - /"),
    "tags": TAGS,
    "targetAccountIds": _ACCOUNTS,
    "targetResourceCount": Limit(min=1, max=10_000),
    "userGroups": Limit(items=_NON_EMPTY),
    "userIds": _ACCOUNTS,
}
"""The limits of members, as in botocore's model; constructors know which are required."""

# Of a response, only what an update sends back is judged.
_SENT_BACK = {"arn", "description"}


def limit_of(cls: type, member: Member) -> Limit:
    """
    Return the limit of a *member* of *cls*.
    """
    if cls in RESULTS and (cls is not DistributionConfiguration or member.name not in _SENT_BACK):
        return NO_LIMIT
    is_text = member.cls is str and member.container is None and not member.allowed
    default = _NON_EMPTY if is_text else NO_LIMIT
    return LIMITS.get(member.name) or LIMITS.get(f"{cls.__name__}.{member.name}", default)
