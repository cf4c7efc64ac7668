"""
Copying a Region: what exists in one Region only must be passed in for the others.
"""

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, steps
from tests.samples import ARN

from .samples import TWO, ami_of

KEY = "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_copying_names_everything_that_exists_in_one_region_only() -> None:
    stored = steps.set_kms_keys(TWO, {"us-west-2": KEY})

    with pytest.raises(ibd.ValidationError) as caught:
        steps.copy_region(stored, "us-west-2", ["us-west-2", "eu-west-1", "sa-east-1"], kms_key_ids={"sa-east-1": KEY})

    fast_launch = "distributions[0].fastLaunchConfigurations[0].launchTemplate.launchTemplateId"
    argument = {issue.path: issue.message.split("pass ")[1] for issue in caught.value.issues}
    both = "={'eu-west-1': ..., 'sa-east-1': ...}, or None to go without"
    assert argument == {
        "distributions[0].amiDistributionConfiguration.kmsKeyId": (
            "kms_key_ids={'eu-west-1': ...}, or None to go without"
        ),
        "distributions[0].licenseConfigurationArns[0]": f"license_configuration_arns{both}",
        "distributions[0].launchTemplateConfigurations[0].launchTemplateId": f"launch_template_configurations{both}",
        fast_launch: f"fast_launch_configurations{both}",
    }
    assert {issue.rule for issue in caught.value.issues} == {"regional"}
    assert caught.value.issues[0].location == ("distributions", 0, "amiDistributionConfiguration", "kmsKeyId")
    assert caught.value.issues[0].value == KEY


def test_copying_takes_what_each_region_gets_instead() -> None:
    stored = steps.set_kms_keys(TWO, {"us-west-2": KEY})
    template = ibd.LaunchTemplateConfiguration(launch_template_id="lt-1")

    copied = steps.copy_region(
        stored,
        "us-west-2",
        ["sa-east-1", "us-east-1"],
        kms_key_ids={"sa-east-1": "alias/sa", "us-east-1": None},
        license_configuration_arns={"sa-east-1": ["b"], "us-east-1": None},
        launch_template_configurations={"sa-east-1": [template], "us-east-1": []},
        fast_launch_configurations={"sa-east-1": [], "us-east-1": None},
    )

    one, other = copied["sa-east-1"], copied["us-east-1"]
    assert (ami_of(copied, "sa-east-1").kms_key_id, ami_of(copied, "us-east-1").kms_key_id) == ("alias/sa", None)
    assert (one.license_configuration_arns, other.license_configuration_arns) == (("b",), ())
    assert (one.launch_template_configurations, other.launch_template_configurations) == ((template,), ())
    assert (one.fast_launch_configurations, other.fast_launch_configurations) == ((), ())
    assert one.ssm_parameter_configurations == other.ssm_parameter_configurations
    assert copied["us-west-2"] == stored["us-west-2"]


def test_what_exists_everywhere_is_copied_unless_it_is_given() -> None:
    fast_launch = ibd.FastLaunchConfiguration(
        enabled=True, launch_template=ibd.FastLaunchLaunchTemplateSpecification(launch_template_name="web")
    )
    ami = ibd.AmiDistributionConfiguration(kms_key_id="alias/web")
    west = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ami, fast_launch_configurations=[fast_launch]
    )
    stored = DistributionConfiguration(arn=ARN, distributions=[west])

    copied = steps.copy_region(stored, "us-west-2", ["eu-west-1", "sa-east-1"], kms_key_ids={"sa-east-1": "alias/sa"})

    assert copied["eu-west-1"] == attrs.evolve(west, region="eu-west-1")
    assert ami_of(copied, "sa-east-1").kms_key_id == "alias/sa"


def test_copying_rejects_what_is_given_for_another_region() -> None:
    with pytest.raises(ValueError, match="kms_key_ids has 'eu-west-2', which isn't among the Regions to copy to"):
        steps.copy_region(TWO, "eu-west-1", ["sa-east-1"], kms_key_ids={"eu-west-2": "alias/web"})
