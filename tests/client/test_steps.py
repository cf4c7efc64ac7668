"""
The steps of an edit: functions from a configuration to the changed one.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff, steps
from tests import strategies
from tests.samples import ARN, EVERYTHING

from .edited import TWO, ami_of

TEMPLATE = EVERYTHING.launch_template_configurations[0]
LICENCE = EVERYTHING.license_configuration_arns[0]


def plan(after: DistributionConfiguration) -> list[tuple[str, str]]:
    return [(each.kind, each.path) for each in diff(TWO, after)]


def test_sharing_adds_what_is_not_there_in_all_regions_or_some() -> None:
    west = "distributions[us-west-2].amiDistributionConfiguration.launchPermission.userIds"

    everywhere = steps.share_with(TWO, user_ids=["111122223333", "777788889999"])
    somewhere = steps.share_with(TWO, user_ids=["777788889999"], regions=["us-west-2"])

    assert plan(everywhere) == [("added", west), ("added", "distributions[eu-west-1].amiDistributionConfiguration")]
    assert plan(somewhere) == [("added", west)]


def test_sharing_takes_organizations_and_their_units() -> None:
    shared = steps.share_with(TWO, organization_arns=["o"], organizational_unit_arns=["u"], regions=["us-west-2"])

    assert [path.rsplit(".", 1)[1] for _, path in plan(shared)] == ["organizationArns", "organizationalUnitArns"]


def test_sharing_and_stopping_again_changes_nothing() -> None:
    shared = steps.share_with(TWO, user_ids=["777788889999"], regions=["us-west-2"])

    assert not diff(steps.stop_sharing_with(shared, user_ids=["777788889999"]), TWO)


def test_stopping_leaves_nothing_empty_behind() -> None:
    shared = steps.share_with(TWO, user_ids=["777788889999"], regions=["eu-west-1"])
    stopped = steps.stop_sharing_with(shared, user_ids=["777788889999"])

    assert stopped.distributions[1].ami_distribution_configuration == ibd.AmiDistributionConfiguration()


def test_stopping_to_share_with_somebody_unknown_is_an_error() -> None:
    with pytest.raises(ibd.NotConfiguredError, match="no launch permission for '777788889999'; it has '111122223333'"):
        steps.stop_sharing_with(TWO, user_ids=["777788889999", "111122223333"])


def test_a_region_is_put_dropped_and_copied() -> None:
    new = ibd.Distribution(region="eu-west-1", license_configuration_arns=["b"])

    assert plan(steps.put_distribution(TWO, new)) == [
        ("removed", "distributions[eu-west-1].licenseConfigurationArns"),
        ("added", "distributions[eu-west-1].licenseConfigurationArns"),
    ]
    assert plan(steps.drop_region(TWO, "eu-west-1")) == [("removed", "distributions[eu-west-1]")]
    copied = steps.copy_region(TWO, "eu-west-1", ["us-west-2", "ap-south-1"])
    assert [(each.region, each.license_configuration_arns) for each in copied.distributions] == [
        ("us-west-2", ("a",)),
        ("eu-west-1", ("a",)),
        ("ap-south-1", ("a",)),
    ]


def test_an_ssm_parameter_is_set_replaced_and_dropped() -> None:
    plain = ibd.SsmParameterConfiguration(parameter_name="/ami/db")
    typed = ibd.SsmParameterConfiguration(parameter_name="/ami/db", data_type="text")

    once = steps.set_ssm_parameter(TWO, plain)
    twice = steps.set_ssm_parameter(once, typed, regions=["eu-west-1"])

    assert [each.ssm_parameter_configurations for each in twice.distributions] == [
        (*(EVERYTHING.ssm_parameter_configurations or ()), plain),
        (typed,),
    ]
    assert not diff(steps.drop_ssm_parameter(twice, "/ami/db"), TWO)
    assert len(plan(steps.drop_ssm_parameter(TWO, "/ami/web", ami_account_id="111122223333"))) == 1


def test_a_region_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ibd.NotConfiguredError, match="no Region 'sa-east-1'"):
        steps.share_with(TWO, user_ids=["1"], regions=["sa-east-1"])
    with pytest.raises(ibd.NotConfiguredError, match="no Region 'sa-east-1'"):
        steps.copy_region(TWO, "sa-east-1", ["us-west-2"])


def test_a_lone_string_is_no_list_of_accounts() -> None:
    ids: Any = "111122223333"

    with pytest.raises(TypeError, match="user_ids must be a list of str"):
        steps.share_with(TWO, user_ids=ids)


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


def test_a_configuration_is_looked_up_by_strings_and_not_iterated() -> None:
    configuration: Any = TWO

    with pytest.raises(TypeError, match="region must be a str"):
        configuration[0]
    with pytest.raises(TypeError, match="not iterable"):
        iter(configuration)


def test_target_accounts_are_added_once_and_dropped() -> None:
    more = steps.add_target_accounts(TWO, ["111122223333", "777788889999"])
    less = steps.drop_target_accounts(more, ["111122223333"])

    assert ami_of(more, "us-west-2").target_account_ids == ("111122223333", "777788889999")
    assert ami_of(more, "eu-west-1").target_account_ids == ("111122223333", "777788889999")
    assert ami_of(less, "us-west-2").target_account_ids == ("777788889999",)


def test_each_region_gets_its_kms_key() -> None:
    changed = steps.set_kms_keys(TWO, {"us-west-2": None, "eu-west-1": "alias/b"})

    assert ami_of(changed, "us-west-2").kms_key_id is None
    assert ami_of(changed, "eu-west-1").kms_key_id == "alias/b"


def test_a_lone_kms_key_is_no_mapping() -> None:
    key: Any = "alias/web"

    with pytest.raises(TypeError, match="kms_key_ids must be a mapping with Regions as keys"):
        steps.set_kms_keys(TWO, key)


def test_name_and_descriptions_are_set_and_removed() -> None:
    named = steps.set_ami_name(TWO, "n", regions=["us-west-2"])
    described = steps.set_ami_description(named, None)

    assert ami_of(named, "us-west-2").name == "n"
    assert ami_of(described, "us-west-2").description is None
    assert described["eu-west-1"] == TWO["eu-west-1"]
    assert steps.set_description(TWO, None).description is None


def test_ami_tags_are_set_beside_others_and_dropped() -> None:
    more = steps.set_ami_tags(TWO, {"stage": "test"}, regions=["us-west-2"])
    less = steps.drop_ami_tags(more, ["team"])

    assert ami_of(more, "us-west-2").ami_tags == {"team": "web", "stage": "test"}
    assert ami_of(less, "us-west-2").ami_tags == {"stage": "test"}
    assert less["eu-west-1"] == TWO["eu-west-1"]


def test_a_launch_template_is_put_in_the_place_of_the_same_one() -> None:
    default = attrs.evolve(TEMPLATE, set_default_version=True)
    own = attrs.evolve(TEMPLATE, account_id=None)

    replaced = steps.put_launch_template(TWO, default, regions=["us-west-2"])
    added = steps.put_launch_template(replaced, own, regions=["us-west-2"])
    dropped = steps.drop_launch_template(added, TEMPLATE.launch_template_id, account_id=TEMPLATE.account_id)

    assert replaced["us-west-2"].launch_template_configurations == (default,)
    assert added["us-west-2"].launch_template_configurations == (default, own)
    assert dropped["us-west-2"].launch_template_configurations == (own,)


def test_license_configurations_are_added_once_and_dropped() -> None:
    more = steps.add_license_configurations(TWO, ["a", LICENCE])
    less = steps.drop_license_configurations(more, [LICENCE])

    assert more["us-west-2"].license_configuration_arns == (LICENCE, "a")
    assert more["eu-west-1"].license_configuration_arns == ("a", LICENCE)
    assert [each.license_configuration_arns for each in less.distributions] == [("a",), ("a",)]


def test_a_change_of_ones_own_is_made_in_the_chosen_regions() -> None:
    changed = steps.in_regions(
        TWO, lambda each: attrs.evolve(each, license_configuration_arns=[each.region]), regions={"eu-west-1"}
    )

    assert changed["us-west-2"] == EVERYTHING
    assert changed["eu-west-1"].license_configuration_arns == ("eu-west-1",)


Step = Callable[..., DistributionConfiguration]
NOT_THERE: list[tuple[Step, Any, str]] = [
    (steps.drop_target_accounts, ["999999999999"], "target account '999999999999'; it has '111122223333'"),
    (steps.drop_ami_tags, ["stage"], "AMI tag 'stage'; it has 'team'"),
    (steps.drop_license_configurations, ["b"], "license configuration 'b'"),
    (
        steps.drop_launch_template,
        "lt-1",
        "launch template 'lt-1'; it has 'lt-0123456789abcdef0 in account 111122223333'",
    ),
    (steps.drop_ssm_parameter, "/ami/web", "SSM parameter '/ami/web'; it has '/ami/web in account 111122223333'"),
    (steps.drop_region, "sa-east-1", "Region 'sa-east-1'"),
]


@pytest.mark.parametrize(("step", "wanted", "message"), NOT_THERE, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_not_there_cannot_be_dropped(step: Step, wanted: Any, message: str) -> None:
    with pytest.raises(ibd.NotConfiguredError) as caught:
        step(TWO, wanted)

    assert str(caught.value).startswith(f"the configuration has no {message}")


EU = {"eu-west-1": None}
ITERATORS: list[Callable[[Any], object]] = [
    lambda none: steps.share_with(TWO, user_ids=none),
    lambda none: steps.share_with(TWO, organization_arns=none),
    lambda none: steps.stop_sharing_with(TWO, organizational_unit_arns=none),
    lambda none: steps.add_target_accounts(TWO, none),
    lambda none: steps.add_target_accounts(TWO, ["1"], regions=none),
    lambda none: steps.drop_target_accounts(TWO, none),
    lambda none: steps.drop_ami_tags(TWO, none),
    lambda none: steps.drop_ami_tags(TWO, ["team"], regions=none),
    lambda none: steps.add_license_configurations(TWO, none),
    lambda none: steps.drop_license_configurations(TWO, none),
    lambda none: steps.in_regions(TWO, lambda each: each, regions=none),
    lambda none: steps.copy_region(TWO, "us-west-2", none),
    lambda none: steps.copy_region(
        TWO,
        "us-west-2",
        ["eu-west-1"],
        license_configuration_arns={"eu-west-1": none},
        launch_template_configurations=EU,
        fast_launch_configurations=EU,
    ),
]


@pytest.mark.parametrize("step", ITERATORS)
def test_a_step_takes_no_iterator(step: Callable[[Any], object]) -> None:
    """
    A step runs twice, in a dry run and in the edit or in two attempts, and the second time it would change nothing.
    """
    with pytest.raises(TypeError, match=r"must be a list of str, not <.*; .* pass list\("):
        step(map(str, []))


def test_a_step_with_an_iterator_fails_in_the_dry_run(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    ids: Any = map("{:012}".format, [1, 2])

    with pytest.raises(TypeError, match="user_ids must be a list of str"):
        client.edit_distribution_configuration(arn, partial(steps.share_with, user_ids=ids), dry_run=True)


def test_what_is_only_in_other_regions_cannot_be_dropped() -> None:
    with pytest.raises(ibd.NotConfiguredError, match="AMI tag 'team'; it has none"):
        steps.drop_ami_tags(TWO, ["team"], regions=["eu-west-1"])


@pytest.mark.parametrize(
    "step",
    [
        lambda regions: steps.add_target_accounts(TWO, ["1"], regions=regions),
        lambda regions: steps.drop_target_accounts(TWO, ["111122223333"], regions=regions),
        lambda regions: steps.set_kms_keys(TWO, dict.fromkeys(regions, "alias/a")),
        lambda regions: steps.set_ami_name(TWO, "a", regions=regions),
        lambda regions: steps.set_ami_description(TWO, "a", regions=regions),
        lambda regions: steps.set_ami_tags(TWO, {"a": "b"}, regions=regions),
        lambda regions: steps.put_launch_template(TWO, TEMPLATE, regions=regions),
        lambda regions: steps.add_license_configurations(TWO, ["b"], regions=regions),
        lambda regions: steps.in_regions(TWO, lambda each: each, regions=regions),
    ],
)
def test_a_step_in_a_region_that_is_not_there_is_an_error(step: Callable[[list[str]], Any]) -> None:
    with pytest.raises(ibd.NotConfiguredError, match="no Region 'sa-east-1'; it has 'us-west-2', 'eu-west-1'"):
        step(["us-west-2", "sa-east-1"])


stored_configurations = st.builds(
    DistributionConfiguration, arn=st.just(ARN), distributions=strategies.accepted_distributions
)


@given(stored_configurations, st.lists(strategies.account_ids, min_size=1, unique=True))
def test_adding_and_dropping_again_leaves_the_others(stored: DistributionConfiguration, accounts: list[str]) -> None:
    dropped = steps.drop_target_accounts(steps.add_target_accounts(stored, accounts), accounts)

    for before, after in zip(stored.distributions, dropped.distributions, strict=True):
        ami = before.ami_distribution_configuration or ibd.AmiDistributionConfiguration()
        kept = dict.fromkeys(each for each in ami.target_account_ids if each not in accounts)
        expected = attrs.evolve(ami, target_account_ids=[*kept])
        assert after == attrs.evolve(before, ami_distribution_configuration=expected)


@given(stored_configurations)
def test_a_step_taken_twice_is_taken_once(stored: DistributionConfiguration) -> None:
    def take(configuration: DistributionConfiguration) -> DistributionConfiguration:
        configuration = steps.set_ami_tags(configuration, {"a": "b"})
        configuration = steps.add_license_configurations(configuration, ["a"])
        configuration = steps.put_launch_template(configuration, TEMPLATE)
        return steps.set_ssm_parameter(configuration, EVERYTHING.ssm_parameter_configurations[0])

    assert take(take(stored)) == take(stored)
