"""
Writing files, and resources of CloudFormation.
"""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import CREATE
from tests.samples import ARN, EVERYTHING, ami


@pytest.mark.parametrize("syntax", ["json", "yaml"])
@pytest.mark.parametrize("content", [CREATE, [EVERYTHING], EVERYTHING], ids=lambda content: type(content).__name__)
def test_what_is_written_is_read_back(tmp_path: Path, syntax: str, content: Any) -> None:
    path = tmp_path / f"web.{syntax}"

    documents.dump(content, path)

    read = documents.load(path)
    assert content in (read.content, [*read.distributions], *read.distributions)
    assert [*tmp_path.iterdir()] == [path]


class Team(StrEnum):
    WEB = "web"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        # `0o17`, `1e3` and `08` are numbers to some readers of YAML, and strings to PyYAML.
        ('"012345678901"', "012345678901"), ('"1e3"', "1e3"), ('"0o17"', "0o17"), ('"+1"', "+1"), ('".5"', ".5"),
        ("'no'", "no"), ("web", Team.WEB), ("é日本", "é日本"), (r'"a\x9Bb"', "a\x9bb"),
    ],
)  # fmt: skip
def test_a_string_is_written_so_that_every_reader_of_yaml_takes_it_for_one(written: str, value: str) -> None:
    text = documents.dumps(ami(description=value), format="yaml")

    assert text == f"region: us-west-2\namiDistributionConfiguration:\n  description: {written}\n"


def test_json_shows_text_as_it_is_but_for_control_characters() -> None:
    stored = ibd.DistributionConfiguration(arn=ARN, description="é\x9b\x7f")

    text = documents.dumps(stored)

    assert r'"description": "é\u009b\u007f"' in text
    assert documents.loads(text, validate=False).content == stored


def test_a_request_id_is_not_written() -> None:
    stored = ibd.DistributionConfiguration(arn=ARN, request_id="r")

    assert json.loads(documents.dumps(stored, format="json")) == {"arn": ARN}


def test_a_file_that_is_replaced_keeps_its_permissions_and_its_links(tmp_path: Path) -> None:
    path, link = tmp_path / "web.json", tmp_path / "link.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)

    documents.dump(CREATE, link)

    assert link.is_symlink()
    assert documents.load(path).content == CREATE
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_can_not_be_written_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "web.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "replace", fail)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no"):
        documents.dump(CREATE, path)

    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_half_of_a_character_is_not_written(tmp_path: Path) -> None:
    broken = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[], tags={"\ud800": "x"})

    for syntax in ("json", "yaml"):
        with pytest.raises(ibd.ValidationError, match="half of a character"):
            documents.dump(broken, tmp_path / f"web.{syntax}")
    assert [*tmp_path.iterdir()] == []


def test_a_format_that_is_not_clear_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^give a format: 'web' doesn't end in \.json, \.yaml, \.yml$"):
        documents.dump(CREATE, tmp_path / "web")
    with pytest.raises(ValueError, match=r"^format must be json, yaml or cloudformation, not 'toml'$"):
        documents.dumps(CREATE, format="toml")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_a_create_becomes_a_resource() -> None:
    permission = ibd.LaunchPermissionConfiguration(user_ids=["012345670123"])
    template = ibd.LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")
    shared = ami(ami_tags={"team": "web"}, launch_permission=permission)
    web = attrs.evolve(shared, launch_template_configurations=[template])
    request = ibd.CreateDistributionConfigurationRequest(
        name="web", distributions=[web], tags={"team": "web"}, client_token="t"
    )

    assert documents.to_cloudformation(request) == {
        "Type": "AWS::ImageBuilder::DistributionConfiguration",
        "Properties": {
            "Name": "web",
            "Distributions": [
                {
                    "Region": "us-west-2",
                    "AmiDistributionConfiguration": {
                        "AmiTags": {"team": "web"},
                        "LaunchPermissionConfiguration": {"UserIds": ["012345670123"]},
                    },
                    "LaunchTemplateConfigurations": [{"LaunchTemplateId": "lt-0123456789abcdef0"}],
                }
            ],
            "Tags": {"team": "web"},
        },
    }


def test_what_is_stored_becomes_a_resource_without_awss_own_tags() -> None:
    stored = ibd.DistributionConfiguration(arn=ARN, name="web", tags={"a": "b", "aws:cloudformation:stack-name": "s"})

    template = json.loads(documents.dumps(stored, format="cloudformation"))
    assert template == {"Resources": {"DistributionConfiguration": documents.to_cloudformation(stored)}}
    assert documents.to_cloudformation(stored)["Properties"] == {"Name": "web", "Distributions": [], "Tags": {"a": "b"}}


def test_an_export_has_no_place_in_a_resource() -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        documents.dumps(CREATE, format="cloudformation")

    assert str(caught.value) == (
        "1 problem in web:\n  distributions[0].s3ExportConfiguration: isn't supported by CloudFormation, whose "
        "resource can't export to S3"
    )


@pytest.mark.parametrize("content", [(), ibd.DistributionConfiguration(arn=ARN)])
def test_a_resource_needs_a_name(content: documents.Content) -> None:
    with pytest.raises(
        TypeError, match=r"^to_cloudformation takes a create or a stored configuration with a name, not "
    ):
        documents.to_cloudformation(content)
