"""
The package that users install, as its metadata describes it.
"""

import re
from importlib.metadata import metadata

import imagebuilder_dist
from tests.pages import ROOT

METADATA = metadata("imagebuilder_dist")


def test_the_metadata_has_a_version_that_indexes_know() -> None:
    assert METADATA["Metadata-Version"] == "2.4"


def test_the_version_is_the_newest_of_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()

    versions = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)

    assert versions[:2] == ["Unreleased", imagebuilder_dist.__version__]


def test_the_metadata_has_the_version() -> None:
    assert METADATA["Version"] == imagebuilder_dist.__version__


def test_the_pre_commit_hook_is_shown_with_the_version() -> None:
    page = (ROOT / "docs/command-line.md").read_text()

    assert re.findall(r"^  rev: (.+)$", page, re.MULTILINE) == [f"v{imagebuilder_dist.__version__}"]


def test_the_description_links_only_to_what_an_index_can_reach() -> None:
    """
    An index shows the README without the files beside it.
    """
    description = METADATA.json["description"]
    assert isinstance(description, str)

    targets = re.findall(r"\]\(([^)\s]+)\)", description)

    assert targets
    assert [target for target in targets if not target.startswith("https://")] == []
