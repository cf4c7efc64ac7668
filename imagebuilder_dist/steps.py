"""
Ready-made changes for an edit.

Each takes a `DistributionConfiguration` and returns a changed copy:

    def share(stored: DistributionConfiguration) -> DistributionConfiguration:
        return steps.add_launch_permissions(stored, user_ids=["111122223333"])

    client.edit_distribution_configuration(arn, share)

Most take *regions*, the Regions to change, which default to all. If the configuration lacks what a step needs, the
step raises a `NotConfiguredError`; what is to be removed must exist in at least one of the Regions, unless
*missing_ok* is true.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias, cast

import attrs

from imagebuilder_dist._common.attributes import Items, T, check_mapping, check_tuple, is_mapping, to_tuple
from imagebuilder_dist._common.text import Location, describe, show
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

__all__ = [
    "add_launch_permissions", "add_license_configurations", "add_target_accounts", "copy_region", "in_regions",
    "remove_ami_tags", "remove_launch_permissions", "remove_launch_templates", "remove_license_configurations",
    "remove_regions", "remove_ssm_parameters", "remove_target_accounts", "set_ami_description", "set_ami_name",
    "set_ami_tags", "set_description", "set_distributions", "set_kms_keys", "set_launch_templates",
    "set_ssm_parameters",
]  # fmt: skip


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
    chosen = there = dict.fromkeys(each.region for each in configuration.distributions)
    if regions is not None:
        chosen = dict.fromkeys(_items("regions", regions, str))
        _check_exist(configuration, "Region", chosen, there)
    distributions = tuple(change(each) if each.region in chosen else each for each in configuration.distributions)
    return attrs.evolve(configuration, distributions=distributions)


def set_description(configuration: DistributionConfiguration, description: str | None) -> DistributionConfiguration:
    """
    Set the configuration's description; `None` removes it.

    >>> stored = DistributionConfiguration(arn="arn:...")
    >>> set_description(stored, "Web servers").description
    'Web servers'
    """
    return attrs.evolve(configuration, description=description)


def add_launch_permissions(
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
    >>> shared = add_launch_permissions(stored, user_ids=["111122223333"])
    >>> shared["us-west-2"].ami_distribution_configuration.launch_permission.user_ids
    ('111122223333',)
    """
    given = _principals("add_launch_permissions", user_ids, organization_arns, organizational_unit_arns)
    for path, more in given.items():
        configuration = _change(configuration, path, partial(_union, more=more), regions)
    return configuration


def remove_launch_permissions(
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

    With *missing_ok*, nothing happens if what is to be removed is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or doesn't share with one of the accounts and
            organizations in any of them.
        TypeError:
            If neither accounts nor organizations are passed; an empty list changes nothing.

    >>> stored = add_launch_permissions(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     user_ids=["1", "2"],
    ... )
    >>> shared = remove_launch_permissions(stored, user_ids=["1"])
    >>> shared["us-west-2"].ami_distribution_configuration.launch_permission.user_ids
    ('2',)
    """
    given = _principals("remove_launch_permissions", user_ids, organization_arns, organizational_unit_arns)
    return _remove(configuration, "launch permission for", given, regions, missing_ok=missing_ok)


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
    more = _items("account_ids", account_ids, str)
    return _change(configuration, _TARGETS, partial(_union, more=more), regions)


def remove_target_accounts(
    configuration: DistributionConfiguration,
    account_ids: Items[str],
    *,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer give accounts their own copy of the AMI, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be removed is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or one of the accounts isn't a target in any
            of them.

    >>> stored = add_target_accounts(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]), ["1", "2"]
    ... )
    >>> remove_target_accounts(stored, ["1"])["us-west-2"].ami_distribution_configuration.target_account_ids
    ('2',)
    """
    less = {_TARGETS: _items("account_ids", account_ids, str)}
    return _remove(configuration, "target account", less, regions, missing_ok=missing_ok)


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
        return _at(distribution, (_AMI, "kms_key_id"), lambda _: kms_key_ids[distribution.region])

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
    return _change(configuration, (_AMI, "name"), lambda _: name, regions)


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
    return _change(configuration, (_AMI, "description"), lambda _: description, regions)


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
    return _change(configuration, _TAGS, lambda before: {**before, **tags}, regions)


def remove_ami_tags(
    configuration: DistributionConfiguration,
    keys: Items[str],
    *,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    Remove tags of the AMI, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be removed is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or one of the keys isn't in any of them.

    >>> stored = set_ami_tags(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     {"team": "web", "stage": "test"},
    ... )
    >>> remove_ami_tags(stored, ["stage"])["us-west-2"].ami_distribution_configuration.ami_tags
    {'team': 'web'}
    """
    less = {_TAGS: _items("keys", keys, str)}
    return _remove(configuration, "AMI tag", less, regions, missing_ok=missing_ok)


def set_distributions(
    configuration: DistributionConfiguration, distributions: Items[Distribution]
) -> DistributionConfiguration:
    """
    Add distributions; each replaces the existing one of its Region.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> [each.region for each in set_distributions(stored, [Distribution(region="eu-west-1")]).distributions]
    ['us-west-2', 'eu-west-1']
    """
    more = _items("distributions", distributions, Distribution)
    by_region = {each.region: each for each in (*configuration.distributions, *more)}
    return attrs.evolve(configuration, distributions=tuple(by_region.values()))


def remove_regions(
    configuration: DistributionConfiguration, regions: Items[str], *, missing_ok: bool = False
) -> DistributionConfiguration:
    """
    No longer distribute to *regions*.

    With *missing_ok*, nothing happens if a Region is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> remove_regions(stored, ["us-west-2"]).distributions
    ()
    """
    less = dict.fromkeys(_items("regions", regions, str))
    if not missing_ok:
        _check_exist(configuration, "Region", less, {each.region: None for each in configuration.distributions})
    kept = tuple(each for each in configuration.distributions if each.region not in less)
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
    targets = dict.fromkeys(_items("to", to, str))
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
    index = configuration.distributions.index(source)
    issues: list[Issue] = []
    for argument, location, value in _regional(source):
        replaced = given[argument]
        if missing := [each for each in targets if each != region and each not in replaced]:
            example = ", ".join(f"{show(each)}: ..." for each in missing)
            message = (
                f"exists only in {show(region)} and isn't copied; pass {argument}={{{example}}}, or None to go without"
            )
            issues.append(Issue(("distributions", index, *location), "regional", "error", message, value))
    if issues:
        raise ValidationError(issues, resource=configuration.arn)
    # A key belongs to the AMI's settings, not to the distribution.
    keys = given.pop("kms_key_ids")
    copies = [
        attrs.evolve(source, region=each, **{name: items[each] for name, items in given.items() if each in items})
        for each in targets
    ]
    return set_kms_keys(set_distributions(configuration, copies), keys)


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
    more = _items("license_configuration_arns", license_configuration_arns, str)
    return _change(configuration, _LICENSES, partial(_union, more=more), regions)


def remove_license_configurations(
    configuration: DistributionConfiguration,
    license_configuration_arns: Items[str],
    *,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer associate License Manager configurations with the AMI, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be removed is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or one of the ARNs isn't in any of them.

    >>> stored = add_license_configurations(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]), ["a", "b"]
    ... )
    >>> remove_license_configurations(stored, ["a"])["us-west-2"].license_configuration_arns
    ('b',)
    """
    less = {_LICENSES: _items("license_configuration_arns", license_configuration_arns, str)}
    return _remove(configuration, "license configuration", less, regions, missing_ok=missing_ok)


def set_launch_templates(
    configuration: DistributionConfiguration,
    launch_template_configurations: Items[LaunchTemplateConfiguration],
    *,
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    Add a version with the AMI to launch templates, in *regions* or in all.

    Each replaces the one with the same id and account. A launch template exists in one Region only, so pass that one.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> template = LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0", set_default_version=True)
    >>> changed = set_launch_templates(stored, [template], regions=["us-west-2"])
    >>> changed["us-west-2"].launch_template_configurations[0].set_default_version
    True
    """
    more = _items("launch_template_configurations", launch_template_configurations, LaunchTemplateConfiguration)
    return _change(configuration, _TEMPLATES, partial(_replaced, more=more), regions)


def remove_launch_templates(
    configuration: DistributionConfiguration,
    launch_template_ids: Items[str],
    *,
    account_id: str | None = None,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer add versions to the launch templates with these ids in that account, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be removed is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or a template isn't in any of them.

    >>> template = LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")
    >>> west = Distribution(region="us-west-2", launch_template_configurations=[template])
    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[west])
    >>> remove_launch_templates(stored, ["lt-0123456789abcdef0"])["us-west-2"].launch_template_configurations
    ()
    """
    ids = _items("launch_template_ids", launch_template_ids, str)
    # Only the keys count.
    templates = [LaunchTemplateConfiguration(launch_template_id=each, account_id=account_id) for each in ids]
    return _remove(configuration, "launch template", {_TEMPLATES: templates}, regions, missing_ok=missing_ok)


def set_ssm_parameters(
    configuration: DistributionConfiguration,
    ssm_parameter_configurations: Items[SsmParameterConfiguration],
    *,
    regions: Items[str] | None = None,
) -> DistributionConfiguration:
    """
    Write the AMI's id to SSM parameters, in *regions* or in all.

    Each replaces the one with the same name and account.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*.

    >>> stored = DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")])
    >>> changed = set_ssm_parameters(stored, [SsmParameterConfiguration(parameter_name="/ami/web")])
    >>> changed["us-west-2"].ssm_parameter_configurations[0].parameter_name
    '/ami/web'
    """
    more = _items("ssm_parameter_configurations", ssm_parameter_configurations, SsmParameterConfiguration)
    return _change(configuration, _PARAMETERS, partial(_replaced, more=more), regions)


def remove_ssm_parameters(
    configuration: DistributionConfiguration,
    parameter_names: Items[str],
    *,
    ami_account_id: str | None = None,
    regions: Items[str] | None = None,
    missing_ok: bool = False,
) -> DistributionConfiguration:
    """
    No longer write the AMI's id to the SSM parameters with these names for that account, in *regions* or in all.

    With *missing_ok*, nothing happens if what is to be removed is missing; pass it if the step may run twice.

    Raises:
        imagebuilder_dist.errors.NotConfiguredError:
            If the configuration doesn't distribute to one of *regions*, or a parameter isn't in any of them.

    >>> stored = set_ssm_parameters(
    ...     DistributionConfiguration(arn="arn:...", distributions=[Distribution(region="us-west-2")]),
    ...     [SsmParameterConfiguration(parameter_name="/ami/web")],
    ... )
    >>> remove_ssm_parameters(stored, ["/ami/web"])["us-west-2"].ssm_parameter_configurations
    ()
    """
    names = _items("parameter_names", parameter_names, str)
    parameters = [SsmParameterConfiguration(parameter_name=each, ami_account_id=ami_account_id) for each in names]
    return _remove(configuration, "SSM parameter", {_PARAMETERS: parameters}, regions, missing_ok=missing_ok)


_Item: TypeAlias = str | LaunchTemplateConfiguration | SsmParameterConfiguration
_Path: TypeAlias = tuple[str, ...]
"""Where a member is below a distribution: attribute names."""

_AMI = "ami_distribution_configuration"
_TARGETS: _Path = (_AMI, "target_account_ids")
_TAGS: _Path = (_AMI, "ami_tags")
_LICENSES: _Path = ("license_configuration_arns",)
_TEMPLATES: _Path = ("launch_template_configurations",)
_PARAMETERS: _Path = ("ssm_parameter_configurations",)
# What a missing structure is like, so that a step needn't ask whether it is there.
_EMPTY = {_AMI: AmiDistributionConfiguration(), "launch_permission": LaunchPermissionConfiguration()}


def _change(
    configuration: DistributionConfiguration, path: _Path, change: Callable[[Any], Any], regions: Items[str] | None
) -> DistributionConfiguration:
    """Apply *change* to the member at *path* of the distributions in *regions*, or in all Regions."""
    return in_regions(configuration, lambda distribution: _at(distribution, path, change), regions=regions)


def _at(model: T, path: _Path, change: Callable[[Any], Any]) -> T:
    """Return *model* with *change* applied to the member at *path*; a structure that stays the same isn't added."""
    name, *below = path
    before = getattr(model, name)
    if before is None:
        before = _EMPTY.get(name)
    after = _at(before, tuple(below), change) if below else change(before)
    if after == before:
        return model
    if name == "launch_permission" and after == _EMPTY[name]:  # shared with nobody any more
        after = None
    evolved: T = attrs.evolve(cast("Any", model), **{name: after})
    return evolved


def _remove(
    configuration: DistributionConfiguration,
    what: str,
    less: Mapping[_Path, Iterable[_Item]],
    regions: Items[str] | None,
    *,
    missing_ok: bool,
) -> DistributionConfiguration:
    """Remove the items with the keys of those in *less*; each must be in one of the Regions unless *missing_ok*."""
    keys = {path: dict.fromkeys(map(_key, items)) for path, items in less.items()}
    there: dict[str, None] = {}

    def without(wanted: Mapping[str, None], items: Any) -> Any:
        there.update(dict.fromkeys(map(_key, items)))
        if is_mapping(items):
            return {name: value for name, value in items.items() if name not in wanted}
        return tuple(each for each in items if _key(each) not in wanted)

    def change(distribution: Distribution) -> Distribution:
        for path, wanted in keys.items():
            distribution = _at(distribution, path, partial(without, wanted))
        return distribution

    changed = in_regions(configuration, change, regions=regions)
    if not missing_ok:
        _check_exist(configuration, what, (each for wanted in keys.values() for each in wanted), there)
    return changed


def _key(item: _Item) -> str:
    """Return what tells *item* from the others in its list, as messages show it."""
    if isinstance(item, str):
        return item
    if isinstance(item, LaunchTemplateConfiguration):
        key, account = item.launch_template_id, item.account_id
    else:
        key, account = item.parameter_name, item.ami_account_id
    return f"{key} in account {account}" if account else key


def _replaced(items: Iterable[_Item], more: Iterable[_Item]) -> tuple[_Item, ...]:
    """Return *items* with *more*, each in the place of the one with its key."""
    new = {_key(each): each for each in more}
    return (*(each for each in items if _key(each) not in new), *new.values())


def _union(items: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*items, *more)))


def _check_exist(
    configuration: DistributionConfiguration, what: str, wanted: Iterable[str], there: Mapping[str, None]
) -> None:
    if missing := [each for each in wanted if each not in there]:
        raise NotConfiguredError(what, missing, there, configuration.arn)


def _principals(
    step: str,
    user_ids: Items[str] | None,
    organization_arns: Items[str] | None,
    organizational_unit_arns: Items[str] | None,
) -> Mapping[_Path, tuple[str, ...]]:
    given = {
        "user_ids": user_ids,
        "organization_arns": organization_arns,
        "organizational_unit_arns": organizational_unit_arns,
    }
    if all(items is None for items in given.values()):
        raise TypeError(
            f"{step} needs user_ids, organization_arns or organizational_unit_arns: partial({step}, user_ids=[...])"
        )
    at = (_AMI, "launch_permission")
    return {(*at, name): () if items is None else _items(name, items, str) for name, items in given.items()}


def _regional(source: Distribution) -> Iterator[tuple[str, Location, object]]:
    """Yield what exists in one Region only: the argument of `copy_region` that replaces it, its location, its value."""
    ami = source.ami_distribution_configuration
    # An alias may stand for another key in each Region.
    if ami and ami.kms_key_id is not None and not ami.kms_key_id.startswith("alias/"):
        yield "kms_key_ids", ("amiDistributionConfiguration", "kmsKeyId"), ami.kms_key_id
    for index, arn in enumerate(source.license_configuration_arns):
        if arn.startswith("arn:"):
            yield "license_configuration_arns", ("licenseConfigurationArns", index), arn
    for index, template in enumerate(source.launch_template_configurations):
        at = ("launchTemplateConfigurations", index, "launchTemplateId")
        yield "launch_template_configurations", at, template.launch_template_id
    for index, fast_launch in enumerate(source.fast_launch_configurations):
        if fast_launch.launch_template and fast_launch.launch_template.launch_template_id is not None:
            location = ("fastLaunchConfigurations", index, "launchTemplate", "launchTemplateId")
            yield "fast_launch_configurations", location, fast_launch.launch_template.launch_template_id


def _items(name: str, items: Items[T], cls: type[T]) -> tuple[T, ...]:
    given = to_tuple(items)
    check_tuple(name, given, cls)
    return given


def _check_by_region(name: str, items: object) -> None:
    if not is_mapping(items):
        raise TypeError(f"{name} must be a mapping with Regions as keys, not {describe(items)}")
