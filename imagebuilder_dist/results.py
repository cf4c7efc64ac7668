"""
The results of calls.

The service may omit any member, so all but ARNs are optional here.
An absent list is an empty tuple, and absent tags are an empty mapping.
"""

from collections.abc import Mapping

import attrs

from imagebuilder_dist._fields import (
    EMPTY,
    NOT_A_MEMBER,
    Items,
    check_type,
    check_types,
    to_optional_mapping,
    to_optional_tuple,
    to_tuple,
)
from imagebuilder_dist.errors import Issue, NotConfiguredError
from imagebuilder_dist.models import Distribution, UpdateDistributionConfigurationRequest, to_strings


def _issues(items: Items[Issue] | None) -> tuple[Issue, ...]:
    return to_optional_tuple(items)


def _optional_strings(items: Items[str] | None) -> tuple[str, ...] | None:
    return None if items is None else to_tuple(items)


def _distributions(items: Items[Distribution] | None) -> tuple[Distribution, ...]:
    return to_optional_tuple(items)


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DistributionConfiguration:
    """
    A stored configuration.

    Two are equal if they store the same; `request_id` and `unmodelled` don't count.
    """

    arn: str

    name: str | None = None

    description: str | None = None

    distributions: tuple[Distribution, ...] = attrs.field(default=(), converter=_distributions)
    """In the stored order."""

    timeout_minutes: int | None = None
    """The service sets it and doesn't use it."""

    date_created: str | None = None
    """In the service's format, for example `2026-09-09T19:37:37.231Z`."""

    date_updated: str | None = None
    """Absent until the first update."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself."""

    request_id: str | None = attrs.field(default=None, eq=False)

    unmodelled: tuple[str, ...] | None = attrs.field(
        default=None, eq=False, converter=_optional_strings, metadata=NOT_A_MEMBER
    )
    """
    The paths, as the service spells them, of settings that this library or botocore doesn't know.

    `None` if that can't be told, because a fake or a Stubber hides the raw response.
    """

    __iter__ = None  # because of __getitem__, Python would iterate from index 0

    def __getitem__(self, region: str) -> Distribution:
        """
        Return the distribution to *region*: `stored["eu-west-1"]`.

        Raises:
            imagebuilder_dist.errors.NotConfiguredError:
                If the configuration doesn't distribute to *region*.
        """
        check_type("region", region, str)
        for distribution in self.distributions:
            if distribution.region == region:
                return distribution
        raise NotConfiguredError("Region", [region], [each.region for each in self.distributions], self.arn)

    def __contains__(self, region: object) -> bool:
        """
        Tell whether the configuration distributes to *region*.
        """
        return any(each.region == region for each in self.distributions)

    def to_request(self) -> UpdateDistributionConfigurationRequest:
        """
        Return an update request with the same ARN, description and distributions.

        An update doesn't change tags, but drops settings that are `unmodelled`; an edit protects them.
        """
        return UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=self.arn, distributions=self.distributions, description=self.description
        )


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UpdateDistributionConfigurationResult:
    """
    The result of an update: the service has stored it.
    """

    distribution_configuration_arn: str

    request_id: str | None = None

    client_token: str | None = None
    """The token that the write was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """Validation's warnings: the write succeeded, but they break or surprise in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class CreateDistributionConfigurationResult:
    """
    The result of a create: the service has stored the configuration.
    """

    distribution_configuration_arn: str

    request_id: str | None = None

    client_token: str | None = None
    """The token that the write was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """Validation's warnings: the write succeeded, but they break or surprise in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class CreateDistributionConfigurationDryRunResult:
    """
    The result of a dry run: the service would store the configuration.
    """

    request_id: str | None = None

    client_token: str | None = None
    """The token that the request was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """Validation's warnings: the write would succeed, but they break or surprise in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DeleteDistributionConfigurationResult:
    """
    The result of a delete: the configuration is gone.
    """

    distribution_configuration_arn: str

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DistributionConfigurationSummary:
    """
    A configuration in a list.
    """

    arn: str

    name: str | None = None

    description: str | None = None

    date_created: str | None = None
    """In the service's format, for example `2026-09-09T19:37:37.231Z`."""

    date_updated: str | None = None
    """Absent until the first update."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself."""

    regions: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """The Regions that it distributes to, which older responses lack."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class ListTagsForResourceResult:
    """
    The tags of a configuration.
    """

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class TagResourceResult:
    """
    The result of tagging: the tags are set.
    """

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UntagResourceResult:
    """
    The result of untagging: the tags are gone.
    """

    request_id: str | None = None
