"""
Small steps from a configuration to another, to be taken in an edit.

Each takes a `DistributionConfiguration` and returns a changed copy:

    client.edit_distribution_configuration(arn, lambda stored: share_with(stored, user_ids=["111122223333"]))
"""

from collections.abc import Callable

import attrs

from imagebuilder_dist._fields import Items, check_tuple, check_type, to_tuple
from imagebuilder_dist.models import (
    AmiDistributionConfiguration,
    Distribution,
    LaunchPermissionConfiguration,
    SsmParameterConfiguration,
)
from imagebuilder_dist.results import DistributionConfiguration


def share_with(
    configuration: DistributionConfiguration,
    *,
    user_ids: Items[str] = (),
    organization_arns: Items[str] = (),
    organizational_unit_arns: Items[str] = (),
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    Let accounts and organizations launch the AMI, in *regions* or in all.

    Raises:
        LookupError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> shared = share_with(stored, user_ids=["111122223333"])
    >>> shared.distributions[0].ami_distribution_configuration.launch_permission.user_ids
    ('111122223333',)
    """
    return _with_principals(
        configuration,
        regions,
        lambda present, more: tuple(dict.fromkeys((*present, *more))),
        user_ids=user_ids,
        organization_arns=organization_arns,
        organizational_unit_arns=organizational_unit_arns,
    )


def stop_sharing_with(
    configuration: DistributionConfiguration,
    *,
    user_ids: Items[str] = (),
    organization_arns: Items[str] = (),
    organizational_unit_arns: Items[str] = (),
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    No longer let accounts and organizations launch the AMI, in *regions* or in all; others keep what they have.

    Raises:
        LookupError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = share_with(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     user_ids=["1", "2"],
    ... )
    >>> shared = stop_sharing_with(stored, user_ids=["1"])
    >>> shared.distributions[0].ami_distribution_configuration.launch_permission.user_ids
    ('2',)
    """
    return _with_principals(
        configuration,
        regions,
        lambda present, less: tuple(each for each in present if each not in less),
        user_ids=user_ids,
        organization_arns=organization_arns,
        organizational_unit_arns=organizational_unit_arns,
    )


def put_distribution(configuration: DistributionConfiguration, distribution: Distribution) -> DistributionConfiguration:
    """
    Add a Region, or replace all its settings if it is there already.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> [each.region for each in put_distribution(stored, Distribution(region="eu-west-1")).distributions]
    ['us-west-2', 'eu-west-1']
    """
    by_region = {each.region: each for each in configuration.distributions} | {distribution.region: distribution}
    return attrs.evolve(configuration, distributions=tuple(by_region.values()))


def drop_region(configuration: DistributionConfiguration, region: str) -> DistributionConfiguration:
    """
    No longer distribute to a Region.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> drop_region(stored, "us-west-2").distributions
    ()
    """
    return attrs.evolve(
        configuration, distributions=tuple(each for each in configuration.distributions if each.region != region)
    )


def copy_region(configuration: DistributionConfiguration, region: str, to: Items[str]) -> DistributionConfiguration:
    """
    Give the Regions in *to* the settings of *region*, whatever they had; those that aren't there are added.

    Raises:
        LookupError:
            If the configuration doesn't distribute to *region*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> [each.region for each in copy_region(stored, "us-west-2", ["eu-west-1"]).distributions]
    ['us-west-2', 'eu-west-1']
    """
    sources = [each for each in configuration.distributions if each.region == region]
    if not sources:
        raise LookupError(f"the configuration doesn't distribute to {region!r}")
    for target in _strings("to", to):
        configuration = put_distribution(configuration, attrs.evolve(sources[0], region=target))
    return configuration


def set_ssm_parameter(
    configuration: DistributionConfiguration, parameter: SsmParameterConfiguration, *, regions: Items[str] | None = None
) -> DistributionConfiguration:
    """
    Have the AMI's id written to an SSM parameter, in *regions* or in all.

    The same name in the same account is replaced.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> changed = set_ssm_parameter(stored, SsmParameterConfiguration(parameter_name="/ami/web"))
    >>> changed.distributions[0].ssm_parameter_configurations[0].parameter_name
    '/ami/web'
    """
    check_type("parameter", parameter, SsmParameterConfiguration)

    def put(distribution: Distribution) -> Distribution:
        kept = _other_parameters(distribution, parameter.parameter_name, parameter.ami_account_id)
        return attrs.evolve(distribution, ssm_parameter_configurations=(*kept, parameter))

    return _in_regions(configuration, put, regions)


def drop_ssm_parameter(
    configuration: DistributionConfiguration,
    parameter_name: str,
    *,
    ami_account_id: str | None = None,
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    No longer have the AMI's id written to the SSM parameter of that name and account, in *regions* or in all.

    >>> stored = set_ssm_parameter(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     SsmParameterConfiguration(parameter_name="/ami/web"),
    ... )
    >>> drop_ssm_parameter(stored, "/ami/web").distributions[0].ssm_parameter_configurations
    ()
    """

    def drop(distribution: Distribution) -> Distribution:
        kept = _other_parameters(distribution, parameter_name, ami_account_id)
        return attrs.evolve(distribution, ssm_parameter_configurations=kept)

    return _in_regions(configuration, drop, regions)


def _strings(name: str, items: Items[str]) -> tuple[str, ...]:
    strings = to_tuple(items)
    check_tuple(name, strings, str)
    return strings


def _with_principals(
    configuration: DistributionConfiguration,
    regions: Items[str] | None,
    combine: Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]],
    **given: Items[str],
) -> DistributionConfiguration:
    principals = {name: _strings(name, items) for name, items in given.items()}

    def change(distribution: Distribution) -> Distribution:
        ami = distribution.ami_distribution_configuration or AmiDistributionConfiguration()
        before = ami.launch_permission or LaunchPermissionConfiguration()
        combined = {name: combine(getattr(before, name), items) for name, items in principals.items()}
        after = attrs.evolve(before, **combined)
        if after == before:
            return distribution
        permission = after if after != LaunchPermissionConfiguration() else None
        return attrs.evolve(
            distribution, ami_distribution_configuration=attrs.evolve(ami, launch_permission=permission)
        )

    return _in_regions(configuration, change, regions)


def _in_regions(
    configuration: DistributionConfiguration, step: Callable[[Distribution], Distribution], regions: Items[str] | None
) -> DistributionConfiguration:
    here = {each.region for each in configuration.distributions}
    wanted = here if regions is None else set(_strings("regions", regions))
    if not wanted <= here:
        missing = ", ".join(map(repr, sorted(wanted - here)))
        raise LookupError(f"the configuration doesn't distribute to {missing}")
    distributions = (step(each) if each.region in wanted else each for each in configuration.distributions)
    return attrs.evolve(configuration, distributions=tuple(distributions))


def _other_parameters(
    distribution: Distribution, parameter_name: str, ami_account_id: str | None
) -> tuple[SsmParameterConfiguration, ...]:
    return tuple(
        each
        for each in distribution.ssm_parameter_configurations
        if (each.parameter_name, each.ami_account_id) != (parameter_name, ami_account_id)
    )
