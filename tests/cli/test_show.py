"""
`show`, `list`, `needs`, `schema` and `serve`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from imagebuilder_dist import documents
from imagebuilder_dist.testing import LocalImageBuilder
from tests.cli.samples import RIGHT, WEB, Run, store
from tests.faults import AddUnknownMembers


@pytest.mark.parametrize("form", ["yaml", "json", "cloudformation"])
def test_what_is_shown_can_be_read(run: Run, service: Any, form: str) -> None:
    store(service, "web", description="a\nb", tags={"a.b": "c"})

    code, out, _ = run("show", "--format", form, "web")

    assert code == 0
    assert (run("show", WEB)[1] == out) == (form == "yaml")
    content: Any = documents.loads(out).content
    assert content.distributions == documents.load("right.yaml").distributions
    assert (content.description, content.tags) == ("a\nb", {"a.b": "c"})


def test_a_picture_is_shown(run: Run, service: Any) -> None:
    store(service, "web")

    _, out, _ = run("show", "--format", "mermaid", WEB)

    assert out == documents.to_mermaid(service.get_distribution_configuration(WEB))


def test_settings_that_are_not_known_are_named(run: Run, service: Any, local: LocalImageBuilder) -> None:
    store(service, "web")
    local.inject(AddUnknownMembers(), operation="GetDistributionConfiguration")

    assert run("show", WEB)[2].startswith("settings that this version doesn't know aren't shown: ")


MEANT = "; did you mean 'web servers'?"


@pytest.mark.parametrize(("name", "meant"), [("nope", ""), ("Web_Servers", MEANT), ("web servrs", MEANT)])
def test_a_name_that_is_not_there_gets_a_suggestion(
    run: Run, service: Any, local: LocalImageBuilder, name: str, meant: str
) -> None:
    store(service, "web servers", "database")

    assert run("show", name) == (
        1,
        "",
        f"imagebuilder-dist show: no configuration is called {name!r} in us-west-2 at {local.url}{meant}\n",
    )


def test_an_arn_is_checked_before_it_is_sent(run: Run, service: Any, local: LocalImageBuilder) -> None:
    code, _, err = run("show", "arn:aws:imagebuilder")

    assert code == 5
    assert "an ARN has 6 parts, separated by colons, but this one has 3" in err
    assert local.requests == ()
    assert run("show", f"{WEB}-nope")[0] == 1


def test_all_configurations_are_listed(run: Run, service: Any) -> None:
    one, two = store(service, "one", "two 2")

    assert run("list") == (0, f"{one}  one\n{two}  two 2\n", "")


def test_what_a_build_needs_is_listed(run: Run) -> None:
    code, out, _ = run("needs", "right.yaml", "--owner", "123456789012")
    assert code == 0
    heading = "The owner, account 123456789012\n  Must exist\n    [ ] us-west-2: the KMS key alias/web exists"
    assert out.startswith(heading)

    code, out, err = run("needs", "right.yaml")
    assert code == 0
    assert out.startswith("OWNER stands for the unknown account that owns the configuration.\n")
    assert err == "use --owner to say which account owns the configuration\n"


def test_an_owner_that_is_not_the_arns_is_rejected(run: Run) -> None:
    Path("update.yaml").write_text(RIGHT.replace("name: web", f"distributionConfigurationArn: {WEB}"))

    error = "owner is 111122223333, but the configuration's ARN has 123456789012"
    assert run("needs", "update.yaml", "--owner", "111122223333") == (2, "", f"imagebuilder-dist needs: {error}\n")


def test_policies_are_written_into_a_folder(run: Run) -> None:
    code, out, _ = run("needs", "right.yaml", "--owner", "123456789012", "--policies", "a/b")

    assert code == 0
    assert "a/b/123456789012-us-west-2-alias%2Fweb-key.json" in out.splitlines()
    for path in out.splitlines():
        assert json.loads(Path(path).read_text())["Version"] == "2012-10-17"
    error = "imagebuilder-dist needs: right.yaml: File exists\n"
    assert run("needs", "right.yaml", "--policies", "right.yaml") == (2, "", error)


def test_policies_of_similar_names_have_files_of_their_own(run: Run) -> None:
    export = "s3ExportConfiguration: {roleName: %s, diskImageFormat: RAW, s3Bucket: images}"
    regions = {"us-west-2": "vm-import", "eu-west-1": "vm_import"}
    lines = [f"- {{region: {region}, {export % role}}}" for region, role in regions.items()]
    Path("exports.yaml").write_text("\n".join(["name: web", "distributions:", *lines]))

    code, out, _ = run("needs", "exports.yaml", "--owner", "123456789012", "--policies", "a")

    assert (code, len({*out.splitlines()}), len([*Path("a").iterdir()])) == (0, 4, 4)


def test_the_needs_of_an_account_are_handed_on(run: Run) -> None:
    arguments = ("needs", "right.yaml", "--owner", "123456789012", "--account", "111122223333")

    code, out, _ = run(*arguments)
    assert (code, out.splitlines()[0]) == (0, "Account 111122223333")
    code, out, _ = run(*arguments, "--format", "markdown")
    assert (code, out.splitlines()[0]) == (0, "### Account 111122223333")
    code, out, _ = run(*arguments, "--format", "json")
    assert {account for need in json.loads(out)["prerequisites"] for account in need["accountIds"]} == {"111122223333"}


def test_the_schema_is_printed(run: Run) -> None:
    code, out, _ = run("schema")

    assert (code, json.loads(out)) == (0, documents.json_schema())


def test_the_local_endpoint_has_its_own_options(run: Run) -> None:
    code, out, _ = run("serve", "--help")

    assert code == 0
    assert "--port" in out
