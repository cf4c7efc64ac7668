"""
What `import imagebuilder_dist` has, and what it loads.
"""

import pkgutil
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


PUBLIC = [each.name for each in pkgutil.iter_modules(ibd.__path__) if not each.name.startswith("_")]
LATER = {*PUBLIC} - {"changes", "errors", "models"}
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


@pytest.mark.parametrize("name", PUBLIC)
def test_a_module_loads_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name in LATER:  # another test may have asked for it
        monkeypatch.delattr(ibd, name, raising=False)

    assert getattr(ibd, name).__name__ == f"imagebuilder_dist.{name}"
    assert name in dir(ibd)


def test_a_plain_update_loads_nothing_that_it_does_not_need() -> None:
    ran = subprocess.run([sys.executable, "-c", PLAIN_UPDATE], capture_output=True, text=True, check=True)

    unneeded = {
        *(f"imagebuilder_dist.{name}" for name in LATER),
        "imagebuilder_dist._shapes.needs",
        "asyncio",
        "difflib",
    }
    assert set(ran.stdout.split()) & unneeded == set()


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'step'"):
        ibd.step  # type: ignore[attr-defined] # noqa: B018 # pyright: ignore[reportAttributeAccessIssue]
