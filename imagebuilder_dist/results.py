"""
What calls return.

The service leaves members out as it likes, so all but ARNs are optional here.
An absent list is an empty tuple and absent tags are an empty mapping.
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
    What is stored under an ARN.

    Two of them are equal when the same is stored; the request that asked makes no difference.
    """

    arn: str

    name: str | None = None

    description: str | None = None

    distributions: tuple[Distribution, ...] = attrs.field(default=(), converter=_distributions)
    """In stored order."""

    timeout_minutes: int | None = None
    """Filled in by the service, and unused by it."""

    date_created: str | None = None
    """As the service writes it, for example `2026-09-09T19:37:37.231Z`."""

    date_updated: str | None = None
    """Absent until the first update."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself."""

    request_id: str | None = attrs.field(default=None, eq=False)

    unmodelled: tuple[str, ...] | None = attrs.field(
        default=None, eq=False, converter=_optional_strings, metadata=NOT_A_MEMBER
    )
    """
    Where the response held settings that this library or botocore doesn't know, as the service writes it.

    `None` if that isn't known: the raw response was out of sight, behind a fake or a Stubber.
    """

    __iter__ = None  # it would count from 0, because there is a __getitem__

    def __getitem__(self, region: str) -> Distribution:
        """
        Return what happens to the image in *region*: `stored["eu-west-1"]`.

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
        Return the update that would store this again: ARN, description and distributions.

        Tags aren't part of an update, and what is `unmodelled` would be lost; an edit protects it.
        """
        return UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=self.arn, distributions=self.distributions, description=self.description
        )


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UpdateDistributionConfigurationResult:
    """
    The service has stored the update.
    """

    distribution_configuration_arn: str

    request_id: str | None = None

    client_token: str | None = None
    """The token that the write was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """What validation has found that doesn't stop the write, but surprises in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class CreateDistributionConfigurationResult:
    """
    The service has stored the new configuration.
    """

    distribution_configuration_arn: str

    request_id: str | None = None

    client_token: str | None = None
    """The token that the write was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """What validation has found that doesn't stop the write, but surprises in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class CreateDistributionConfigurationDryRunResult:
    """
    The service would have stored the new configuration.
    """

    request_id: str | None = None

    client_token: str | None = None
    """The token that the request was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """What validation has found that wouldn't stop the write, but surprises in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DeleteDistributionConfigurationResult:
    """
    The configuration is gone.
    """

    distribution_configuration_arn: str

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DistributionConfigurationSummary:
    """
    What a list shows of a configuration.
    """

    arn: str

    name: str | None = None

    description: str | None = None

    date_created: str | None = None
    """As the service writes it, for example `2026-09-09T19:37:37.231Z`."""

    date_updated: str | None = None
    """Absent until the first update."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself."""

    regions: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """The Regions that it distributes to; older responses lack them."""


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
    The tags are set.
    """

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UntagResourceResult:
    """
    The tags are gone.
    """

    request_id: str | None = None
