"""
The steps of an edit: functions from a configuration to the changed one.
"""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff, steps
from tests.samples import ARN, EVERYTHING

from .samples import TWO, ami_of

TEMPLATE = EVERYTHING.launch_template_configurations[0]
PARAMETER = EVERYTHING.ssm_parameter_configurations[0]
LICENCE = EVERYTHING.license_configuration_arns[0]


def plan(after: DistributionConfiguration) -> list[tuple[str, str]]:
    return [(each.kind, each.path) for each in diff(TWO, after)]


def test_sharing_adds_what_is_not_there_in_all_regions_or_some() -> None:
    west = "distributions[us-west-2].amiDistributionConfiguration.launchPermission.userIds"

    everywhere = steps.add_launch_permissions(TWO, user_ids=["111122223333", "777788889999"])
    somewhere = steps.add_launch_permissions(TWO, user_ids=["777788889999"], regions=["us-west-2"])

    assert plan(everywhere) == [("added", west), ("added", "distributions[eu-west-1].amiDistributionConfiguration")]
    assert plan(somewhere) == [("added", west)]


def test_sharing_takes_organizations_and_their_units() -> None:
    shared = steps.add_launch_permissions(
        TWO, organization_arns=["o"], organizational_unit_arns=["u"], regions=["us-west-2"]
    )

    assert [path.rsplit(".", 1)[1] for _, path in plan(shared)] == ["organizationArns", "organizationalUnitArns"]


@pytest.mark.parametrize("name", ["add_launch_permissions", "remove_launch_permissions"])
def test_sharing_with_nobody_at_all_is_an_error(name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name} needs user_ids, .*: partial\({name}, user_ids=\[\.\.\.\]\)$"):
        getattr(steps, name)(TWO, regions=["us-west-2"])


def test_an_empty_list_changes_nothing() -> None:
    """
    A computed list may be empty.
    """
    assert steps.add_launch_permissions(TWO, user_ids=[]) == TWO
    assert steps.remove_launch_permissions(TWO, organization_arns=[]) == TWO
    assert steps.add_target_accounts(TWO, []) == TWO
    assert steps.add_target_accounts(TWO, ["1"], regions=[]) == TWO


def test_distributions_are_added_or_replace_those_of_their_regions() -> None:
    new = [ibd.Distribution(region="sa-east-1"), ibd.Distribution(region="eu-west-1", license_configuration_arns=["b"])]

    assert steps.set_distributions(TWO, new).distributions == (EVERYTHING, new[1], new[0])


def test_ssm_parameters_are_added_or_replaced() -> None:
    plain = ibd.SsmParameterConfiguration(parameter_name="/ami/db")
    typed = ibd.SsmParameterConfiguration(parameter_name="/ami/db", data_type="text")
    own = attrs.evolve(PARAMETER, ami_account_id=None)

    once = steps.set_ssm_parameters(TWO, [plain, own])
    twice = steps.set_ssm_parameters(once, [typed], regions=["eu-west-1"])

    assert twice["us-west-2"].ssm_parameter_configurations == (PARAMETER, plain, own)
    assert twice["eu-west-1"].ssm_parameter_configurations == (own, typed)


def test_launch_templates_are_added_or_replaced() -> None:
    default = attrs.evolve(TEMPLATE, set_default_version=True)
    own = attrs.evolve(TEMPLATE, account_id=None)

    replaced = steps.set_launch_templates(TWO, [default, own], regions=["us-west-2"])

    assert replaced["us-west-2"].launch_template_configurations == (default, own)
    assert replaced["eu-west-1"] == TWO["eu-west-1"]


def test_target_accounts_are_added_once() -> None:
    more = steps.add_target_accounts(TWO, ["111122223333", "777788889999"])

    for region in "us-west-2", "eu-west-1":
        assert ami_of(more, region).target_account_ids == ("111122223333", "777788889999")


def test_license_configurations_are_added_once() -> None:
    more = steps.add_license_configurations(TWO, ["a", LICENCE])

    assert more["us-west-2"].license_configuration_arns == (LICENCE, "a")
    assert more["eu-west-1"].license_configuration_arns == ("a", LICENCE)


def test_each_region_gets_its_kms_key() -> None:
    changed = steps.set_kms_keys(TWO, {"us-west-2": None, "eu-west-1": "alias/b"})

    assert ami_of(changed, "us-west-2").kms_key_id is None
    assert ami_of(changed, "eu-west-1").kms_key_id == "alias/b"


def test_name_and_descriptions_are_set_and_removed() -> None:
    named = steps.set_ami_name(TWO, "n", regions=["us-west-2"])
    described = steps.set_ami_description(named, None)

    assert ami_of(named, "us-west-2").name == "n"
    assert ami_of(described, "us-west-2").description is None
    assert described["eu-west-1"] == TWO["eu-west-1"]
    assert steps.set_description(TWO, None).description is None


def test_ami_tags_are_set_beside_others() -> None:
    more = steps.set_ami_tags(TWO, {"stage": "test"}, regions=["us-west-2"])

    assert ami_of(more, "us-west-2").ami_tags == {"team": "web", "stage": "test"}
    assert more["eu-west-1"] == TWO["eu-west-1"]


def test_a_change_of_ones_own_is_made_in_the_chosen_regions() -> None:
    changed = steps.in_regions(
        TWO, lambda each: attrs.evolve(each, license_configuration_arns=[each.region]), regions={"eu-west-1"}
    )

    assert changed["us-west-2"] == EVERYTHING
    assert changed["eu-west-1"].license_configuration_arns == ("eu-west-1",)


def test_a_step_taken_twice_is_taken_once() -> None:
    def take(configuration: DistributionConfiguration) -> DistributionConfiguration:
        configuration = steps.set_ami_tags(configuration, {"a": "b"})
        configuration = steps.add_license_configurations(configuration, ["a"])
        configuration = steps.set_launch_templates(configuration, [TEMPLATE])
        return steps.set_ssm_parameters(configuration, [PARAMETER])

    assert take(take(TWO)) == take(TWO)


NOT_LISTS: list[tuple[Callable[..., object], str]] = [
    (lambda items: steps.add_launch_permissions(TWO, user_ids=items), "user_ids"),
    (lambda items: steps.remove_launch_permissions(TWO, organizational_unit_arns=items), "organizational_unit_arns"),
    (lambda items: steps.add_target_accounts(TWO, items), "account_ids"),
    (lambda items: steps.remove_target_accounts(TWO, ["111122223333"], regions=items), "regions"),
    (lambda items: steps.remove_ami_tags(TWO, items), "keys"),
    (lambda items: steps.add_license_configurations(TWO, items), "license_configuration_arns"),
    (lambda items: steps.set_launch_templates(TWO, items), "launch_template_configurations"),
    (lambda items: steps.remove_launch_templates(TWO, items), "launch_template_ids"),
    (lambda items: steps.set_ssm_parameters(TWO, items), "ssm_parameter_configurations"),
    (lambda items: steps.remove_ssm_parameters(TWO, items), "parameter_names"),
    (lambda items: steps.set_distributions(TWO, items), "distributions"),
    (lambda items: steps.remove_regions(TWO, items, missing_ok=True), "regions"),
    (lambda items: steps.in_regions(TWO, lambda each: each, regions=items), "regions"),
    (lambda items: steps.copy_region(TWO, "us-west-2", items), "to"),
]


@pytest.mark.parametrize("nth", range(len(NOT_LISTS)))
def test_a_step_takes_no_iterator_and_no_single_item(nth: int) -> None:
    """
    A step runs twice, in a dry run and in the edit or in two attempts, and the second time an iterator is empty.
    """
    step, name = NOT_LISTS[nth]

    with pytest.raises(TypeError, match=rf"{name} must be a list of \w+, not <.*; .* pass list\("):
        step(map(str, []))
    with pytest.raises(TypeError, match=rf"{name} must be a list of \w+, not '111122223333'"):
        step("111122223333")


def test_a_lone_kms_key_is_no_mapping() -> None:
    key: Any = "alias/web"

    with pytest.raises(TypeError, match="kms_key_ids must be a mapping with Regions as keys"):
        steps.set_kms_keys(TWO, key)


@pytest.mark.parametrize(
    "step",
    [
        lambda regions: steps.add_launch_permissions(TWO, user_ids=["1"], regions=regions),
        lambda regions: steps.remove_target_accounts(TWO, ["111122223333"], regions=regions),
        lambda regions: steps.set_kms_keys(TWO, dict.fromkeys(regions, "alias/a")),
        lambda regions: steps.set_launch_templates(TWO, [TEMPLATE], regions=regions),
        lambda regions: steps.remove_regions(TWO, regions),
        lambda regions: steps.remove_ami_tags(TWO, ["team"], regions=regions, missing_ok=True),
        lambda regions: steps.copy_region(TWO, regions[1], ["us-west-2"]),
    ],
)
def test_a_step_in_a_region_that_is_not_there_is_an_error(step: Callable[[list[str]], Any]) -> None:
    with pytest.raises(ibd.NotConfiguredError, match="no Region 'sa-east-1'; it has 'us-west-2', 'eu-west-1'"):
        step(["us-west-2", "sa-east-1"])


def test_a_region_is_looked_up_by_name() -> None:
    assert TWO["us-west-2"] is TWO.distributions[0]
    assert "eu-west-1" in TWO
    assert "sa-east-1" not in TWO


def test_a_region_that_is_not_there_is_not_looked_up() -> None:
    with pytest.raises(ibd.NotConfiguredError) as caught:
        TWO["sa-east-1"]

    assert (caught.value.what, caught.value.missing) == ("Region", ("sa-east-1",))
    assert caught.value.present == ("us-west-2", "eu-west-1")
    assert caught.value.message == "the configuration has no Region 'sa-east-1'; it has 'us-west-2', 'eu-west-1'"
    assert caught.value.resource == ARN
    assert isinstance(caught.value, LookupError)


def test_an_error_names_a_few_of_many_and_says_if_there_is_nothing() -> None:
    many = ibd.NotConfiguredError("Region", [str(n) for n in range(12)], [])

    assert many.message.endswith("'8', '9', ... 2 more; it has none")
    assert ibd.NotConfiguredError("Region", [str(n) for n in range(10)], []).message.endswith("'8', '9'; it has none")


def test_a_configuration_is_looked_up_by_strings_and_not_iterated() -> None:
    configuration: Any = TWO

    with pytest.raises(TypeError, match="region must be a string"):
        configuration[0]
    with pytest.raises(TypeError, match="not iterable"):
        iter(configuration)
