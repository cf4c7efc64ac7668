"""
`show`, `needs`, `schema` and `serve`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist.testing import AddUnknownMembers, LocalImageBuilder
from tests.cli.samples import RIGHT, WEB, Run
from tests.samples import ARN


def test_what_is_stored_is_shown(run: Run, service: Any) -> None:
    service.create_distribution_configuration(
        "web", documents.load("right.yaml").distributions, description="a\nb", tags={"a.b": ""}
    )

    code, out, _ = run("show", "web")

    assert code == 0
    lines = out.splitlines()
    assert lines[:6] == [
        f"arn: {WEB}",
        "name: web",
        "description: a\\nb",
        "distributions[0].region: us-west-2",
        "distributions[0].amiDistributionConfiguration.targetAccountIds[0]: 111122223333",
        "distributions[0].amiDistributionConfiguration.kmsKeyId: alias/web",
    ]
    assert "timeoutMinutes: 720" in lines
    assert "tags.a.b: " in lines


@pytest.mark.parametrize("form", ["json", "yaml", "cloudformation"])
def test_what_is_shown_can_be_read(run: Run, service: Any, form: str) -> None:
    distributions = documents.load("right.yaml").distributions
    service.create_distribution_configuration("web", distributions)

    _, out, _ = run("show", "--format", form, WEB)

    assert documents.loads(out).distributions == distributions


def test_a_configuration_without_settings_has_none_to_show(run: Run, service: Any, local: LocalImageBuilder) -> None:
    ami = ibd.AmiDistributionConfiguration()
    distribution = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ami)
    service.create_distribution_configuration("web", [distribution])

    assert "distributions[0].amiDistributionConfiguration: {}\n" in run("show", "web")[1]


def test_settings_that_are_not_known_are_named(run: Run, service: Any, local: LocalImageBuilder) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)
    local.inject(AddUnknownMembers(), operation="GetDistributionConfiguration")

    _, _, err = run("show", WEB)

    assert err.startswith("settings that this version doesn't know aren't shown: ")


def test_a_name_that_is_not_there_is_not_shown(run: Run, service: Any, local: LocalImageBuilder) -> None:
    code, _, err = run("show", "nope")

    assert code == 1
    assert err == f"imagebuilder-dist show: no configuration is called 'nope' in us-west-2 at {local.url}\n"
    assert run("show", ARN.replace("web", "nope"))[0] == 1


@pytest.mark.parametrize("name", ["Web_Servers", "web servrs"])
def test_a_similar_name_is_suggested(run: Run, service: Any, name: str) -> None:
    """
    A name with the same ARN, or else a close one.
    """
    for each in ("web servers", "database"):
        service.create_distribution_configuration(each, documents.load("right.yaml").distributions)

    code, _, err = run("show", name)

    assert code == 1
    assert err.endswith("; did you mean 'web servers'?\n")


def test_a_malformed_arn_is_told(run: Run, service: Any, local: LocalImageBuilder) -> None:
    assert run("show", "arn:aws:imagebuilder") == (
        2,
        "",
        "imagebuilder-dist show: 'arn:aws:imagebuilder' isn't the ARN of a distribution configuration: "
        "an ARN has 6 parts, separated by colons, but this one has 3\n",
    )
    assert local.requests == ()


def test_what_a_build_needs_is_listed(run: Run) -> None:
    code, out, _ = run("needs", "right.yaml", "--owner", "123456789012")

    assert code == 0
    assert out.startswith("The owner, account 123456789012\n  [ ] us-west-2: the KMS key alias/web exists")
    code, _, err = run("needs", "right.yaml", "--owner", "5")
    assert code == 2
    assert err.endswith("argument --owner: '5' isn't an account id of 12 digits\n")


def test_without_an_owner_the_option_is_named(run: Run) -> None:
    code, out, err = run("needs", "right.yaml")

    assert code == 0
    assert out.startswith("OWNER stands for the unknown account that owns the configuration.\n")
    assert err == "use --owner to say which account owns the configuration\n"


def test_a_picture_is_shown(run: Run, service: Any) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)

    _, out, _ = run("show", "--format", "mermaid", WEB)

    assert out == documents.to_mermaid(service.get_distribution_configuration(WEB))


def test_an_owner_that_is_not_the_arns_is_rejected(run: Run) -> None:
    Path("update.yaml").write_text(RIGHT.replace("name: web", f"distributionConfigurationArn: {WEB}"))

    assert run("needs", "update.yaml", "--owner", "111122223333") == (
        2,
        "",
        "imagebuilder-dist needs: owner is 111122223333, but the configuration's ARN has 123456789012\n",
    )


def test_policies_are_written_into_a_folder(run: Run) -> None:
    code, out, _ = run("needs", "right.yaml", "--owner", "123456789012", "--policies", "a/b")

    assert code == 0
    assert "a/b/123456789012-us_west_2-alias_web-key.json" in out.splitlines()
    for path in out.splitlines():
        assert json.loads(Path(path).read_text())["Version"] == "2012-10-17"
    assert run("needs", "right.yaml", "--policies", "right.yaml") == (
        2,
        "",
        "imagebuilder-dist needs: right.yaml: File exists\n",
    )


@pytest.mark.parametrize("spelling", ["api", "cloudformation"])
def test_a_schema_is_printed(run: Run, spelling: Any) -> None:
    code, out, _ = run("schema", "--spelling", spelling)

    assert code == 0
    assert json.loads(out) == documents.json_schema(spelling)


def test_the_local_endpoint_has_its_own_options(run: Run) -> None:
    code, out, _ = run("serve", "--help")

    assert code == 0
    assert out.startswith("usage: imagebuilder-dist serve [-h] [--port PORT]")
