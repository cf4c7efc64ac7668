"""
Ready-made changes for an edit.

Each takes a `DistributionConfiguration` and returns a changed copy:

    client.edit_distribution_configuration(arn, lambda stored: share_with(stored, user_ids=["111122223333"]))

Most take *regions*, the Regions to change, which default to all. If the configuration lacks what a step needs, the
step raises a `NotConfiguredError`; what is to be dropped must exist in at least one of the Regions, unless
*missing_ok* is true.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import Items, check_mapping, check_tuple, check_type, is_mapping, to_tuple
from imagebuilder_dist._common.text import describe, show
from imagebuilder_dist._places import key_of, locate
from imagebuilder_dist.errors import Issue, NotConfiguredError, ValidationError
from imagebuilder_dist.models import (
    AmiDistributionConfiguration,
    Distribution,
    DistributionConfiguration,
    FastLaunchConfiguration,
    LaunchPermissionConfiguration,
    LaunchTemplateConfiguration,
    SsmParameterConfiguration,
)


def in_regions(
    configuration: DistributionConfiguration,
    change: Callable[[Distribution], Distribution],
    *,
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    Apply your own *change* to the distributions in *regions*, or in all Regions.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> changed = in_regions(stored, lambda distribution: attrs.evolve(distribution, license_configuration_arns=["a"]))
    >>> changed["us-west-2"].license_configuration_arns
    ('a',)
    """
    chosen = {each.region for each in _chosen(configuration, regions)}
    distributions = (change(each) if each.region in chosen else each for each in configuration.distributions)
    return attrs.evolve(configuration, distributions=tuple(distributions))


def set_description(configuration: DistributionConfiguration, description: str | None) -> DistributionConfiguration:
    """
    Set the configuration's description; `None` removes it.

    >>> stored = DistributionConfiguration(arn="arn:...")
    >>> set_description(stored, "Web servers").description
    'Web servers'
    """
    return attrs.evolve(configuration, description=description)


def share_with(
    configuration: DistributionConfiguration,
    *,
    user_ids: Items[str] | None = None,
    organization_arns: Items[str] | None = None,
    organizational_unit_arns: Items[str] | None = None,
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    Allow accounts and organizations to launch the AMI, in *regions* or in all.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.
        TypeError:
            If neither accounts nor organizations are passed; an empty list changes nothing.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> shared = share_with(stored, user_ids=["111122223333"])
    >>> shared["us-west-2"].ami_distribution_configuration.launch_permission.user_ids
    ('111122223333',)
    """
    given = _principals("share_with", user_ids, organization_arns, organizational_unit_arns)

    def share(permission: LaunchPermissionConfiguration) -> LaunchPermissionConfiguration:
        return attrs.evolve(
            permission, **{name: _union(getattr(permission, name), items) for name, items in given.items()}
        )

    return in_regions(configuration, _in_permission(share), regions=regions)


def stop_sharing_with(
    configuration: DistributionConfiguration,
    *,
    user_ids: Items[str] | None = None,
    organization_arns: Items[str] | None = None,
    organizational_unit_arns: Items[str] | None = None,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer allow accounts and organizations to launch the AMI, in *regions* or in all; others keep their access.

    With *missing_ok*, nothing happens if what is to be dropped is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or doesn't share with one of the accounts and
            organizations in any of them.
        TypeError:
            If neither accounts nor organizations are passed; an empty list changes nothing.

    >>> stored = share_with(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     user_ids=["1", "2"],
    ... )
    >>> shared = stop_sharing_with(stored, user_ids=["1"])
    >>> shared["us-west-2"].ami_distribution_configuration.launch_permission.user_ids
    ('2',)
    """
    given = _principals("stop_sharing_with", user_ids, organization_arns, organizational_unit_arns)

    def present(distribution: Distribution) -> Iterator[str]:
        permission = _ami(distribution).launch_permission or LaunchPermissionConfiguration()
        return (each for name in given for each in getattr(permission, name))

    def stop(permission: LaunchPermissionConfiguration) -> LaunchPermissionConfiguration:
        kept = {name: _without(getattr(permission, name), items) for name, items in given.items()}
        return attrs.evolve(permission, **kept)

    less = [each for items in given.values() for each in items]
    return _drop(
        configuration,
        _in_permission(stop),
        regions,
        what="launch permission for",
        wanted=less,
        missing_ok=missing_ok,
        present=present,
    )


def add_target_accounts(
    configuration: DistributionConfiguration, account_ids: Items[str], *, regions: Items[str] | None = None
) -> DistributionConfiguration:
    """
    Give accounts their own copy of the AMI, in *regions* or in all.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> changed = add_target_accounts(stored, ["111122223333"])
    >>> changed["us-west-2"].ami_distribution_configuration.target_account_ids
    ('111122223333',)
    """
    more = _strings("account_ids", account_ids)

    def add(ami: AmiDistributionConfiguration) -> AmiDistributionConfiguration:
        return attrs.evolve(ami, target_account_ids=_union(ami.target_account_ids, more))

    return in_regions(configuration, _in_ami(add), regions=regions)


def drop_target_accounts(
    configuration: DistributionConfiguration,
    account_ids: Items[str],
    *,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer give accounts their own copy of the AMI, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be dropped is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or one of the accounts isn't a target in any
            of them.

    >>> stored = add_target_accounts(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]), ["1", "2"]
    ... )
    >>> drop_target_accounts(stored, ["1"])["us-west-2"].ami_distribution_configuration.target_account_ids
    ('2',)
    """
    less = _strings("account_ids", account_ids)

    def drop(ami: AmiDistributionConfiguration) -> AmiDistributionConfiguration:
        return attrs.evolve(ami, target_account_ids=_without(ami.target_account_ids, less))

    return _drop(
        configuration,
        _in_ami(drop),
        regions,
        what="target account",
        wanted=less,
        missing_ok=missing_ok,
        present=lambda each: _ami(each).target_account_ids,
    )


def set_kms_keys(
    configuration: DistributionConfiguration, kms_key_ids: Mapping[str, str | None]
) -> DistributionConfiguration:
    """
    Set the KMS key that encrypts the AMI's copies in each Region; `None` removes it.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of the Regions.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> changed = set_kms_keys(stored, {"us-west-2": "alias/web"})
    >>> changed["us-west-2"].ami_distribution_configuration.kms_key_id
    'alias/web'
    """
    _check_by_region("kms_key_ids", kms_key_ids)

    def encrypt(distribution: Distribution) -> Distribution:
        key = kms_key_ids[distribution.region]
        return _in_ami(lambda ami: attrs.evolve(ami, kms_key_id=key))(distribution)

    return in_regions(configuration, encrypt, regions=kms_key_ids.keys())


def set_ami_name(
    configuration: DistributionConfiguration, name: str | None, *, regions: Items[str] | None = None
) -> DistributionConfiguration:
    """
    Set the AMI's name, in *regions* or in all; `None` leaves the name to the service.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> changed = set_ami_name(stored, "web {{ imagebuilder:buildDate }}")
    >>> changed["us-west-2"].ami_distribution_configuration.name
    'web {{ imagebuilder:buildDate }}'
    """
    return in_regions(configuration, _in_ami(lambda ami: attrs.evolve(ami, name=name)), regions=regions)


def set_ami_description(
    configuration: DistributionConfiguration, description: str | None, *, regions: Items[str] | None = None
) -> DistributionConfiguration:
    """
    Set the AMI's description, in *regions* or in all; `None` removes it.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> set_ami_description(stored, "Web servers")["us-west-2"].ami_distribution_configuration.description
    'Web servers'
    """
    return in_regions(configuration, _in_ami(lambda ami: attrs.evolve(ami, description=description)), regions=regions)


def set_ami_tags(
    configuration: DistributionConfiguration, tags: Mapping[str, str], *, regions: Items[str] | None = None
) -> DistributionConfiguration:
    """
    Set tags of the AMI, in *regions* or in all; other tags don't change.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> set_ami_tags(stored, {"team": "web"})["us-west-2"].ami_distribution_configuration.ami_tags
    {'team': 'web'}
    """
    check_mapping("tags", tags)

    def tag(ami: AmiDistributionConfiguration) -> AmiDistributionConfiguration:
        return attrs.evolve(ami, ami_tags={**ami.ami_tags, **tags})

    return in_regions(configuration, _in_ami(tag), regions=regions)


def drop_ami_tags(
    configuration: DistributionConfiguration,
    keys: Items[str],
    *,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    Remove tags of the AMI, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be dropped is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or one of the keys isn't in any of them.

    >>> stored = set_ami_tags(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     {"team": "web", "stage": "test"},
    ... )
    >>> drop_ami_tags(stored, ["stage"])["us-west-2"].ami_distribution_configuration.ami_tags
    {'team': 'web'}
    """
    less = _strings("keys", keys)

    def untag(ami: AmiDistributionConfiguration) -> AmiDistributionConfiguration:
        return attrs.evolve(ami, ami_tags={key: value for key, value in ami.ami_tags.items() if key not in less})

    return _drop(
        configuration,
        _in_ami(untag),
        regions,
        what="AMI tag",
        wanted=less,
        missing_ok=missing_ok,
        present=lambda each: _ami(each).ami_tags,
    )


def put_distribution(configuration: DistributionConfiguration, distribution: Distribution) -> DistributionConfiguration:
    """
    Add a Region's distribution, or replace the existing one.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> [each.region for each in put_distribution(stored, Distribution(region="eu-west-1")).distributions]
    ['us-west-2', 'eu-west-1']
    """
    by_region = {each.region: each for each in configuration.distributions} | {distribution.region: distribution}
    return attrs.evolve(configuration, distributions=tuple(by_region.values()))


def drop_region(
    configuration: DistributionConfiguration, region: str, *, missing_ok: bool = False
) -> DistributionConfiguration:
    """
    No longer distribute to a Region.

    With *missing_ok*, nothing happens if the Region is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to *region*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> drop_region(stored, "us-west-2").distributions
    ()
    """
    check_type("region", region, str)
    if missing_ok and region not in configuration:
        return configuration
    dropped = configuration[region].region
    kept = tuple(each for each in configuration.distributions if each.region != dropped)
    return attrs.evolve(configuration, distributions=kept)


def copy_region(
    configuration: DistributionConfiguration,
    region: str,
    to: Items[str],
    *,
    kms_key_ids: Mapping[str, str | None] | None = None,
    license_configuration_arns: Mapping[str, Items[str] | None] | None = None,
    launch_template_configurations: Mapping[str, Items[LaunchTemplateConfiguration] | None] | None = None,
    fast_launch_configurations: Mapping[str, Items[FastLaunchConfiguration] | None] | None = None,
) -> DistributionConfiguration:
    """
    Copy the settings of *region* to the Regions in *to*, which replaces theirs; missing Regions are added.

    KMS keys, launch templates and License Manager configurations exist in one Region only, so they aren't copied.
    Pass each Region's own, or `None` to go without. An alias name of a KMS key (`alias/web`), and fast-launch
    configurations without the id of a launch template, are copied unless you pass others.

    Args:
        configuration: The stored configuration.
        region: The Region to copy.
        to: The Regions that get its settings.
        kms_key_ids: The KMS key by Region.
        license_configuration_arns: The ARNs of License Manager configurations by Region.
        launch_template_configurations: The launch templates by Region.
        fast_launch_configurations: The fast-launch configurations by Region.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to *region*.
        imagebuilder_dist.errors.ValidationError:
            If something can't be copied and isn't passed; `issues` name each, and the argument to pass.
        ValueError:
            If something is passed for a Region that isn't in *to*.

    >>> ami = AmiDistributionConfiguration(kms_key_id="1234abcd-12ab-34cd-56ef-1234567890ab")
    >>> west = Distribution(region="us-west-2", ami_distribution_configuration=ami)
    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[west])
    >>> copied = copy_region(stored, "us-west-2", ["eu-west-1"], kms_key_ids={"eu-west-1": "alias/web"})
    >>> copied["eu-west-1"].ami_distribution_configuration.kms_key_id
    'alias/web'
    """
    source = configuration[region]
    targets = _strings("to", to)
    given: dict[str, Mapping[str, Any]] = {
        "kms_key_ids": kms_key_ids or {},
        "license_configuration_arns": license_configuration_arns or {},
        "launch_template_configurations": launch_template_configurations or {},
        "fast_launch_configurations": fast_launch_configurations or {},
    }
    for argument, by_region in given.items():
        _check_by_region(argument, by_region)
        if unused := [each for each in by_region if each not in targets]:
            raise ValueError(f"{argument} has {', '.join(map(show, unused))}, which isn't among the Regions to copy to")
    at = ("distributions", configuration.distributions.index(source))
    issues = [
        _not_copied(region, argument, missing, (*at, *location), value)
        for argument, location, value in _regional(source)
        if (missing := [each for each in targets if each not in {region, *given[argument]}])
    ]
    if issues:
        raise ValidationError(issues, resource=configuration.arn)
    keys = given.pop("kms_key_ids")
    for target in targets:
        lists = {name: by_region[target] for name, by_region in given.items() if target in by_region}
        configuration = put_distribution(configuration, attrs.evolve(source, region=target, **lists))
    return set_kms_keys(configuration, keys)


def add_license_configurations(
    configuration: DistributionConfiguration,
    license_configuration_arns: Items[str],
    *,
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    Associate License Manager configurations with the AMI, in *regions* or in all.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> arn = "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-1"
    >>> len(add_license_configurations(stored, [arn])["us-west-2"].license_configuration_arns)
    1
    """
    more = _strings("license_configuration_arns", license_configuration_arns)

    def add(distribution: Distribution) -> Distribution:
        arns = _union(distribution.license_configuration_arns, more)
        return attrs.evolve(distribution, license_configuration_arns=arns)

    return in_regions(configuration, add, regions=regions)


def drop_license_configurations(
    configuration: DistributionConfiguration,
    license_configuration_arns: Items[str],
    *,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer associate License Manager configurations with the AMI, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be dropped is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or one of the ARNs isn't in any of them.

    >>> stored = add_license_configurations(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]), ["a", "b"]
    ... )
    >>> drop_license_configurations(stored, ["a"])["us-west-2"].license_configuration_arns
    ('b',)
    """
    less = _strings("license_configuration_arns", license_configuration_arns)

    def drop(distribution: Distribution) -> Distribution:
        kept = _without(distribution.license_configuration_arns, less)
        return attrs.evolve(distribution, license_configuration_arns=kept)

    return _drop(
        configuration,
        drop,
        regions,
        what="license configuration",
        wanted=less,
        missing_ok=missing_ok,
        present=lambda each: each.license_configuration_arns,
    )


def put_launch_template(
    configuration: DistributionConfiguration,
    template: LaunchTemplateConfiguration,
    *,
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    Add a version with the AMI to a launch template, in *regions* or in all.

    It replaces a template with the same id and account. A launch template exists in one Region only, so pass that one.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> template = LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0", set_default_version=True)
    >>> changed = put_launch_template(stored, template, regions=["us-west-2"])
    >>> changed["us-west-2"].launch_template_configurations[0].set_default_version
    True
    """
    check_type("template", template, LaunchTemplateConfiguration)
    return in_regions(configuration, _put("launch_template_configurations", template), regions=regions)


def drop_launch_template(
    configuration: DistributionConfiguration,
    launch_template_id: str,
    *,
    account_id: str | None = None,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer add versions to the launch template with that id and account, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be dropped is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or the template isn't in any of them.

    >>> template = LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")
    >>> west = Distribution(region="us-west-2", launch_template_configurations=[template])
    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[west])
    >>> drop_launch_template(stored, "lt-0123456789abcdef0")["us-west-2"].launch_template_configurations
    ()
    """
    template = LaunchTemplateConfiguration(launch_template_id=launch_template_id, account_id=account_id)
    return _drop_item(
        configuration,
        "launch_template_configurations",
        template,
        regions,
        what="launch template",
        missing_ok=missing_ok,
    )


def set_ssm_parameter(
    configuration: DistributionConfiguration, parameter: SsmParameterConfiguration, *, regions: Items[str] | None = None
) -> DistributionConfiguration:
    """
    Write the AMI's id to an SSM parameter, in *regions* or in all.

    It replaces a parameter with the same name and account.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> changed = set_ssm_parameter(stored, SsmParameterConfiguration(parameter_name="/ami/web"))
    >>> changed["us-west-2"].ssm_parameter_configurations[0].parameter_name
    '/ami/web'
    """
    check_type("parameter", parameter, SsmParameterConfiguration)
    return in_regions(configuration, _put("ssm_parameter_configurations", parameter), regions=regions)


def drop_ssm_parameter(
    configuration: DistributionConfiguration,
    parameter_name: str,
    *,
    ami_account_id: str | None = None,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer write the AMI's id to the SSM parameter with that name and account, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be dropped is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or the parameter isn't in any of them.

    >>> stored = set_ssm_parameter(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     SsmParameterConfiguration(parameter_name="/ami/web"),
    ... )
    >>> drop_ssm_parameter(stored, "/ami/web")["us-west-2"].ssm_parameter_configurations
    ()
    """
    parameter = SsmParameterConfiguration(parameter_name=parameter_name, ami_account_id=ami_account_id)
    return _drop_item(
        configuration, "ssm_parameter_configurations", parameter, regions, what="SSM parameter", missing_ok=missing_ok
    )


_Step: TypeAlias = Callable[[Distribution], Distribution]


def _in_ami(change: Callable[[AmiDistributionConfiguration], AmiDistributionConfiguration]) -> _Step:
    def step(distribution: Distribution) -> Distribution:
        before = _ami(distribution)
        after = change(before)
        return distribution if after == before else attrs.evolve(distribution, ami_distribution_configuration=after)

    return step


def _in_permission(change: Callable[[LaunchPermissionConfiguration], LaunchPermissionConfiguration]) -> _Step:
    nothing = LaunchPermissionConfiguration()

    def step(ami: AmiDistributionConfiguration) -> AmiDistributionConfiguration:
        before = ami.launch_permission or nothing
        after = change(before)
        return ami if after == before else attrs.evolve(ami, launch_permission=None if after == nothing else after)

    return _in_ami(step)


def _ami(distribution: Distribution) -> AmiDistributionConfiguration:
    return distribution.ami_distribution_configuration or AmiDistributionConfiguration()


def _principals(
    step: str,
    user_ids: Items[str] | None,
    organization_arns: Items[str] | None,
    organizational_unit_arns: Items[str] | None,
) -> Mapping[str, tuple[str, ...]]:
    given = {
        "user_ids": user_ids,
        "organization_arns": organization_arns,
        "organizational_unit_arns": organizational_unit_arns,
    }
    if all(items is None for items in given.values()):
        raise TypeError(
            f"{step} needs user_ids, organization_arns or organizational_unit_arns: partial({step}, user_ids=[...])"
        )
    return {name: () if items is None else _strings(name, items) for name, items in given.items()}


def _put(name: str, item: object) -> _Step:
    """Return a step that puts *item* into the list *name*, replacing the item with the same key."""
    return lambda distribution: _with_list(distribution, name, (*_others(distribution, name, item), item))


def _drop_item(
    configuration: DistributionConfiguration,
    name: str,
    item: object,
    regions: Items[str] | None,
    *,
    what: str,
    missing_ok: bool,
) -> DistributionConfiguration:
    """Drop the item that has the key of *item* from the list *name*."""
    return _drop(
        configuration,
        lambda distribution: _with_list(distribution, name, _others(distribution, name, item)),
        regions,
        what=what,
        wanted=[_key(name, item)],
        missing_ok=missing_ok,
        present=lambda distribution: (_key(name, each) for each in getattr(distribution, name)),
    )


def _others(distribution: Distribution, name: str, item: object) -> tuple[object, ...]:
    return tuple(each for each in getattr(distribution, name) if _key(name, each) != _key(name, item))


def _with_list(distribution: Distribution, name: str, items: tuple[object, ...]) -> Distribution:
    changed: dict[str, Any] = {name: items}
    return attrs.evolve(distribution, **changed)


def _key(name: str, item: object) -> str:
    """Return the key of an *item* in the list *name* as text."""
    key, account = key_of(item, locate((name,), Distribution).member.cls)
    return f"{key} in account {account}" if account else key


def _drop(
    configuration: DistributionConfiguration,
    step: _Step,
    regions: Items[str] | None,
    *,
    what: str,
    wanted: Iterable[str],
    missing_ok: bool,
    present: Callable[[Distribution], Iterable[str]],
) -> DistributionConfiguration:
    """Apply a step that drops what is *wanted*; each must exist in at least one of the Regions unless *missing_ok*."""
    chosen = _chosen(configuration, regions)
    there = dict.fromkeys(each for distribution in chosen for each in present(distribution))
    missing = [each for each in dict.fromkeys(wanted) if each not in there]
    if missing and not missing_ok:
        raise NotConfiguredError(what, missing, there, configuration.arn)
    return in_regions(configuration, step, regions=[each.region for each in chosen])


def _chosen(configuration: DistributionConfiguration, regions: Items[str] | None) -> tuple[Distribution, ...]:
    if regions is None:
        return configuration.distributions
    wanted = _strings("regions", regions)
    if missing := [each for each in dict.fromkeys(wanted) if each not in configuration]:
        there = [each.region for each in configuration.distributions]
        raise NotConfiguredError("Region", missing, there, configuration.arn)
    return tuple(each for each in configuration.distributions if each.region in wanted)


def _regional(source: Distribution) -> Iterator[tuple[str, tuple[str | int, ...], object]]:
    """Yield what exists in one Region only: the argument of `copy_region` that replaces it, its location, its value."""
    key = _ami(source).kms_key_id
    if key is not None and not key.startswith("alias/"):
        yield "kms_key_ids", ("amiDistributionConfiguration", "kmsKeyId"), key
    for index, arn in enumerate(source.license_configuration_arns):
        if arn.startswith("arn:"):
            yield "license_configuration_arns", ("licenseConfigurationArns", index), arn
    for index, template in enumerate(source.launch_template_configurations):
        yield (
            "launch_template_configurations",
            ("launchTemplateConfigurations", index, "launchTemplateId"),
            template.launch_template_id,
        )
    for index, fast_launch in enumerate(source.fast_launch_configurations):
        if fast_launch.launch_template and fast_launch.launch_template.launch_template_id is not None:
            yield (
                "fast_launch_configurations",
                ("fastLaunchConfigurations", index, "launchTemplate", "launchTemplateId"),
                fast_launch.launch_template.launch_template_id,
            )


def _not_copied(
    region: str, argument: str, missing: Iterable[str], location: tuple[str | int, ...], value: object
) -> Issue:
    example = ", ".join(f"{show(each)}: ..." for each in missing)
    message = f"exists only in {show(region)} and isn't copied; pass {argument}={{{example}}}, or None to go without"
    return Issue(location, "regional", "error", message, value)


def _union(items: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*items, *more)))


def _without(items: Iterable[str], less: Collection[str]) -> tuple[str, ...]:
    return tuple(each for each in items if each not in less)


def _strings(name: str, items: Items[str]) -> tuple[str, ...]:
    strings = to_tuple(items)
    check_tuple(name, strings, str)
    return strings


def _check_by_region(name: str, items: object) -> None:
    if not is_mapping(items):
        raise TypeError(f"{name} must be a mapping with Regions as keys, not {describe(items)}")
