"""
Changes as text: on the screen, in Markdown, and as a repr.
"""

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff, steps
from imagebuilder_dist.changes import Line
from tests.samples import ARN, EVERYTHING, PUBLIC, ami

from .pairs import ACCOUNTS, REGIONS, shared_with


def test_a_plan_reads_at_a_glance() -> None:
    before = DistributionConfiguration(
        arn=ARN,
        description="old",
        distributions=[EVERYTHING, ibd.Distribution(region="eu-west-1", license_configuration_arns=["a"])],
        tags={"team": "web"},
    )
    whole = EVERYTHING.ami_distribution_configuration
    assert whole is not None
    after = DistributionConfiguration(
        arn=ARN,
        description="new",
        distributions=[
            attrs.evolve(
                EVERYTHING,
                ami_distribution_configuration=attrs.evolve(
                    whole,
                    name=None,
                    ami_tags={"team": "infra", "stage": "test"},
                    launch_permission=ibd.LaunchPermissionConfiguration(user_ids=["444455556666", "777788889999"]),
                ),
            ),
            ibd.Distribution(region="ap-south-1", license_configuration_arns=["b"]),
        ],
    )

    ami_path = "distributions[us-west-2].amiDistributionConfiguration"
    assert str(diff(before, after)).splitlines() == [
        "1 Region changes, 1 is added, 1 is removed, the description changes, 1 tag changes; 1 account gains access; "
        "1 account, 1 organization, 1 organizational unit lose access; the AMI is no longer public in 1 Region",
        "~ description: 'old' -> 'new'",
        f"- {ami_path}.name: 'web {{{{ imagebuilder:buildDate }}}}'",
        f"~ {ami_path}.amiTags.team: 'web' -> 'infra'",
        f"+ {ami_path}.amiTags.stage: 'test'",
        f"- {ami_path}.launchPermission.userIds: 111122223333",
        f"+ {ami_path}.launchPermission.userIds (widens access): 777788889999",
        f"- {ami_path}.launchPermission.userGroups: all",
        f"- {ami_path}.launchPermission.organizationArns: "
        "arn:aws:organizations::123456789012:organization/o-abcdefghij",
        f"- {ami_path}.launchPermission.organizationalUnitArns: "
        "arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-abcd-abcdefgh",
        "- distributions[eu-west-1]",
        "-   licenseConfigurationArns: a",
        "+ distributions[ap-south-1]",
        "+   licenseConfigurationArns: b",
        "- tags.team: 'web'",
    ]


def test_a_hundred_accounts_in_six_regions_are_one_line() -> None:
    changes = diff(shared_with("999999999999"), shared_with("999999999999", *ACCOUNTS))

    assert len(changes) == 600
    assert str(changes).splitlines() == [
        "6 Regions change; 100 accounts gain access",
        "+ distributions[all 6 Regions].amiDistributionConfiguration.launchPermission.userIds (widens access): "
        "100 accounts: 111122223333, 111122223334, 111122223335, ... 97 more",
    ]


def test_the_regions_of_a_change_are_named_unless_they_are_many() -> None:
    def plan(count: int) -> str:
        changes = diff(shared_with(), steps.set_ami_description(shared_with(), "d", regions=REGIONS[:count]))
        return str(changes).splitlines()[1].split(".ami")[0]

    assert plan(1) == "+ distributions[ap-south-1]"
    assert plan(2) == "+ distributions[ap-south-1, eu-central-1]"
    assert plan(5) == "+ distributions[ap-south-1, eu-central-1, eu-west-1, sa-east-1, ... 1 more]"


def test_regions_that_are_added_with_the_same_settings_are_one_block() -> None:
    template = ibd.LaunchTemplateConfiguration(launch_template_id="lt-1", set_default_version=False)
    public = ami("eu-west-1", target_account_ids=["111122223333"], launch_permission=PUBLIC)
    one = attrs.evolve(public, launch_template_configurations=[template])

    changes = diff([], [one, attrs.evolve(one, region="eu-west-2")])

    assert str(changes).splitlines() == [
        "2 Regions are added; 1 account gains access; the AMI becomes public in 2 Regions",
        "+ distributions[eu-west-1, eu-west-2]",
        "+   amiDistributionConfiguration.targetAccountIds (widens access): 111122223333",
        "+   amiDistributionConfiguration.launchPermission.userGroups (widens access): all",
        "+   launchTemplateConfigurations: {launchTemplateId: 'lt-1', setDefaultVersion: False}",
    ]
    assert all(change.widens_access for change in changes)


def test_a_structure_without_anything_in_it_is_written_as_such() -> None:
    fast_launch = ibd.FastLaunchConfiguration(
        enabled=True, snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=None)
    )
    after = ibd.Distribution(
        region="us-west-2",
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(name=None),
        fast_launch_configurations=[fast_launch],
    )

    assert diff([ibd.Distribution(region="us-west-2")], [after]).lines() == (
        Line("+", "distributions[us-west-2].amiDistributionConfiguration: {}"),
        Line("+", "distributions[us-west-2].fastLaunchConfigurations: {enabled: True, snapshotConfiguration: {}}"),
    )


def test_of_too_many_lines_those_that_widen_access_stay() -> None:
    before = [ibd.Distribution(region=f"r-{n}", license_configuration_arns=["a"]) for n in range(50)]
    after = [attrs.evolve(each, license_configuration_arns=[each.region]) for each in before]
    after[-1] = attrs.evolve(ami("r-49", target_account_ids=["111122223333"]), license_configuration_arns=["r-49"])
    after.append(ami("new", target_account_ids=["444455556666"], name="n"))

    lines = str(diff(before, after)).splitlines()

    assert len(lines) == 42
    assert lines[-4:] == [
        "+ distributions[r-49].amiDistributionConfiguration.targetAccountIds (widens access): 111122223333",
        "+ distributions[new]",
        "+   amiDistributionConfiguration.targetAccountIds (widens access): 444455556666",
        "  ... 15 more lines",
    ]


def test_a_long_value_is_cut() -> None:
    before = ibd.Distribution(region="us-west-2", license_configuration_arns=["a" * 5000])
    after = ibd.Distribution(region="us-west-2", license_configuration_arns=["b" * 5000])

    assert all(len(line) < 200 for line in str(diff([before], [after])).splitlines())


def test_no_key_forges_a_line_of_a_plan() -> None:
    before = DistributionConfiguration(arn=ARN, distributions=[ibd.Distribution(region="r\n")], tags={"a\nb": "c\n"})
    changes = diff(before, DistributionConfiguration(arn=ARN))

    assert str(changes).splitlines() == [
        "1 Region is removed, 1 tag changes",
        r"- distributions['r\n']",
        r"- tags['a\nb']: 'c\n'",
    ]
    assert [change.location for change in changes] == [("distributions", "r\n"), ("tags", "a\nb")]


def test_markdown_is_a_summary_and_a_block_with_a_diffs_colours() -> None:
    before = DistributionConfiguration(arn=ARN, description="old")
    after = DistributionConfiguration(arn=ARN, description="```\n~new", tags={"a": "b"})

    assert diff(before, after).to_markdown().splitlines() == [
        "**the description changes, 1 tag changes**",
        "",
        "```diff",
        r"! description: 'old' -> '```\n~new'",
        "+ tags.a: 'b'",
        "```",
    ]
    assert diff(before, before).to_markdown() == "**no changes**"
