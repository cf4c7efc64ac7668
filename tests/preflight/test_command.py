"""
`imagebuilder-dist preflight`: three broken things are found and repaired with what it says.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from imagebuilder_dist._cli.main import main
from imagebuilder_dist.testing import LocalImageBuilder

from .world import OWNER, ROLE, World, managed

pytestmark = pytest.mark.xdist_group("moto")  # which takes a worker ten seconds to set up

TARGET = "666677778888"
WEB = f"""\
Name: web
Distributions:
- Region: us-west-2
  AmiDistributionConfiguration:
    Name: web {{{{ imagebuilder:buildDate }}}}
    TargetAccountIds: ["{TARGET}"]
- Region: eu-west-1
  ContainerDistributionConfiguration:
    TargetRepository: {{Service: ECR, RepositoryName: web-command}}
"""
AUDIT = ("--role-name", "AuditRole", "--owner", OWNER)


@pytest.fixture
def web(credentials: None, tmp_path: Path) -> str:
    """A file, with the owner's credentials in the environment."""
    path = tmp_path / "web.yaml"
    path.write_text(WEB)
    return str(path)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["preflight", *arguments])
    return done.exit_code, done.output


def findings(*arguments: str) -> tuple[int, Any]:
    code, output = run(*arguments, "--format", "json")
    return code, {each["kind"]: each for each in json.loads(output)["findings"]}


def test_what_is_missing_is_repaired_step_by_step(world: World, web: str) -> None:
    """
    The exit code is 3 as long as something is missing, and 4 if something is only unknown.
    """
    code, found = findings(web, *AUDIT)

    assert code == 3
    assert {kind: each["status"] for kind, each in found.items()} == {
        "cross-account-role": "missing",
        "cross-account-policy": "missing",
        "ecr-repository": "missing",
        "ecr-push": "unknown",
    }
    assert found["cross-account-role"]["paths"] == ["Distributions[0].AmiDistributionConfiguration.TargetAccountIds"]
    trust = json.dumps(found["cross-account-role"]["policies"][0]["document"])
    world.client(TARGET, "iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    code, output = run(web, *AUDIT)
    assert code == 3
    assert output.startswith("2 missing, 1 unknown, 1 met; ")
    assert f"to do: attach the AWS managed policy Ec2ImageBuilderCrossAccountDistributionAccess to {ROLE}" in output
    world.attach(TARGET, ROLE, "Ec2ImageBuilderCrossAccountDistributionAccess")
    world.client(OWNER, "ecr", "eu-west-1").create_repository(repositoryName="web-command")
    code, output = run(web, *AUDIT, "--format", "markdown")
    assert code == 4
    assert output.startswith("0 missing, 1 unknown, 3 met; ")

    world.client(OWNER, "ecr", "eu-west-1").delete_repository(repositoryName="web-command")
    iam = world.client(TARGET, "iam")
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=managed("Ec2ImageBuilderCrossAccountDistributionAccess"))
    iam.delete_role(RoleName=ROLE)


def test_all_met_is_success(world: World, web: str) -> None:
    template = world.templates[OWNER, "us-west-2"]
    Path(web).write_text(f"- {{region: us-west-2, launchTemplateConfigurations: [{{launchTemplateId: {template}}}]}}")

    code, output = run(web, "--owner", OWNER)

    assert (code, output.partition(";")[0]) == (0, "0 missing, 0 unknown, 1 met")


def test_an_unknown_owner_is_a_mistake(web: str) -> None:
    code, output = run(web)

    assert code == 2
    assert "--owner is needed, because the configuration doesn't say which account owns it" in output


def test_a_stored_configuration_names_its_owner(web: str) -> None:
    """
    It is read from Image Builder, by name or ARN.
    """
    with LocalImageBuilder() as local:
        CliRunner().invoke(main, ["apply", "--yes", web, "--endpoint-url", local.url])
        arn = f"arn:aws:imagebuilder:us-west-2:{OWNER}:distribution-configuration/web"

        code, output = run("web", "--role-name", "AuditRole", "--endpoint-url", local.url)

        assert code == 3
        assert run(arn, "--role-name", "AuditRole", "--endpoint-url", local.url) == (code, output)
        code, output = run("none", "--endpoint-url", local.url)
        assert code == 1
        assert "no configuration is called 'none'" in output
        assert "there is no such file either" in output
