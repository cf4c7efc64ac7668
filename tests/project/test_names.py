"""
What `import imagebuilder_dist` has, and what it loads.
"""

import subprocess
import sys
from types import ModuleType

import pytest

import imagebuilder_dist as ibd


def test_the_top_level_has_what_its_table_of_contents_says() -> None:
    public = {
        name for name, value in vars(ibd).items() if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert public - {"TYPE_CHECKING"} == set(ibd.__all__) - {"__version__"}


LATER = ["aio", "documents", "fleet", "prerequisites", "steps", "testing"]
PLAIN_UPDATE = """
import sys
import boto3
from botocore.stub import Stubber
import imagebuilder_dist as ibd

arn = "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/web"
keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
boto3_client = boto3.client("imagebuilder", region_name="us-west-2", **keys)
with Stubber(boto3_client) as stubber:
    stubber.add_response("update_distribution_configuration", {"distributionConfigurationArn": arn})
    web = ibd.AmiDistributionConfiguration(name="web {{ imagebuilder:buildDate }}")
    distribution = ibd.Distribution(region="us-west-2", ami_distribution_configuration=web)
    ibd.DistributionConfigurationClient(boto3_client).update_distribution_configuration(arn, [distribution])
print(*sys.modules)
"""


def test_modules_load_when_they_are_asked_for() -> None:
    code = "import imagebuilder_dist as ib; print(ib.steps.__name__, *map(ib.__dir__().count, sys.argv[1:]))"

    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}", *LATER], capture_output=True, text=True, check=True
    )

    assert ran.stdout.split() == ["imagebuilder_dist.steps", *["1"] * len(LATER)]


def test_a_plain_update_loads_nothing_that_it_does_not_need() -> None:
    ran = subprocess.run([sys.executable, "-c", PLAIN_UPDATE], capture_output=True, text=True, check=True)

    unneeded = {*(f"imagebuilder_dist.{name}" for name in LATER), "imagebuilder_dist._shapes.needs", "difflib"}
    assert set(ran.stdout.split()) & unneeded == set()


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'step'"):
        ibd.step  # type: ignore[attr-defined] # noqa: B018 # pyright: ignore[reportAttributeAccessIssue]
