"""
Rules about the account that owns a configuration.
"""

from pathlib import Path
from typing import Any

import pytest

from imagebuilder_dist import documents
from tests.cli.samples import WEB, Run

OWNERS = """\
name: web
distributions:
- region: us-west-2
  amiDistributionConfiguration: {targetAccountIds: ["111122223333"]}
  ssmParameterConfigurations: [{parameterName: /ami, amiAccountId: "444455556666"}]
"""
NOT_TO_IT = "5:68: warning: distributions[0].ssmParameterConfigurations[0].amiAccountId: should be the owner's account"


def test_rules_about_the_owner_are_checked_if_it_is_given(run: Run) -> None:
    Path("web.yaml").write_text(OWNERS)

    assert run("check", "web.yaml")[1] == ""
    assert run("check", "--owner", "444455556666", "web.yaml")[1] == ""
    assert run("check", "--owner", "123456789012", "web.yaml")[1].startswith(f"web.yaml:{NOT_TO_IT}")
    code, _, err = run("check", "--owner", "5", "web.yaml")
    assert code == 2
    assert err.endswith("argument --owner: '5' isn't an account id of 12 digits\n")


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_rules_about_the_owner_are_checked_by_the_stored_configuration(run: Run, service: Any, command: str) -> None:
    """
    They are checked before anything is written, even if the file, here standard input, has no ARN.
    """
    assert run("plan", "-", stdin=OWNERS)[2] == ""
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)

    _, _, err = run(command, "-", stdin=OWNERS)

    assert err.startswith(f"<stdin>:{NOT_TO_IT}")
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions
