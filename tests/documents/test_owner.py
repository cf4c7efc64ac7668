"""
The account that owns a configuration, passed to `validate` and `documents`; a few rules depend on it.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.samples import ARN

WEB = ibd.Distribution(
    region="us-west-2",
    ami_distribution_configuration=ibd.AmiDistributionConfiguration(target_account_ids=["111122223333"]),
    ssm_parameter_configurations=[
        ibd.SsmParameterConfiguration(parameter_name="/ami", ami_account_id="444455556666"),
    ],
)
CONTENTS: list[Any] = [
    (WEB,),
    ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB]),
    ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[WEB]),
    ibd.DistributionConfiguration(arn=ARN, name="web", distributions=[WEB]),
]


def rules(issues: tuple[ibd.Issue, ...]) -> list[str]:
    return [issue.rule for issue in issues]


@pytest.mark.parametrize("content", [WEB, *CONTENTS[:3]], ids=lambda content: type(content).__name__)
def test_rules_look_at_the_owner_that_is_given(content: Any) -> None:
    """
    It takes precedence over that of an ARN.
    """
    assert rules(ibd.validate(content, owner="123456789012")) == ["ssm-account"]
    assert rules(ibd.validate(content, owner="444455556666")) == []


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_a_file_is_validated_for_the_owner_that_is_given(tmp_path: Any, content: documents.Content) -> None:
    path = tmp_path / "web.json"
    documents.dump(content, path)

    assert rules(documents.load(path, owner="123456789012").warnings) == ["ssm-account"]
    assert rules(documents.loads(path.read_text(), owner="444455556666").warnings) == []


@pytest.mark.parametrize(("owner", "error"), [("1234", ValueError), (123456789012, TypeError)])
def test_an_owner_is_an_account_id(owner: Any, error: type[Exception]) -> None:
    for call in (ibd.validate, lambda *_, **given: documents.loads(documents.dumps((WEB,), format="json"), **given)):
        with pytest.raises(error, match=r"^owner must be a"):
            call([WEB], owner=owner)
