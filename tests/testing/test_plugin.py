"""
The pytest plugin, in separate runs of pytest.
"""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import imagebuilder_dist as ibd

from .samples import CREATE, EAST, STORED, WEB

PLUGIN = ("-p", "pytest_imagebuilder_dist", "-p", "no:randomly", "-p", "no:cacheprovider")


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    # Afterwards, pytester forgets what was imported for the first time, but what this library has cached refers to it.
    importlib.import_module("cattrs")
    return pytester.runpytest_inprocess(*PLUGIN, *options)


def test_a_local_image_builder_and_a_client_of_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from imagebuilder_dist import CallRateLimitExceededException, CreateDistributionConfigurationRequest
        from imagebuilder_dist.testing import AnswerError, examples

        def test_it(imagebuilder_dist_local, imagebuilder_dist_client):
            stored = imagebuilder_dist_local.put(examples.minimal(CreateDistributionConfigurationRequest))
            imagebuilder_dist_local.inject(AnswerError("CallRateLimitExceededException"), times=4)

            assert imagebuilder_dist_client.get_distribution_configuration(stored.arn) == stored

        def test_that_it_is_fresh(imagebuilder_dist_local):
            assert imagebuilder_dist_local.stored() == ()
            imagebuilder_dist_local.start()
        """
    )

    run(pytester).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("set_up", "message"),
    [
        ("local.forbid('DeleteDistributionConfiguration'); client = local.client()", "*must not happen*"),
        ("Stubber(theirs).activate(); client = ibd.DistributionConfigurationClient(theirs)", "*Unexpected API Call*"),
        (
            "stubber = Stubber(theirs); stubber.add_response('tag_resource', {}); stubber.activate(); "
            "client = ibd.DistributionConfigurationClient(theirs)",
            "*found response for TagResource*",
        ),
    ],
    ids=["forbidden", "unexpected", "another"],
)
def test_a_request_that_a_test_does_not_expect_fails_at_the_line_that_does_it(
    pytester: pytest.Pytester, set_up: str, message: str
) -> None:
    pytester.makepyfile(
        f"""
        import boto3
        from botocore.stub import Stubber
        import imagebuilder_dist as ibd
        from imagebuilder_dist.testing import examples

        def clean_up(client):
            client.delete_distribution_configuration(examples.ARN)

        def test_it(imagebuilder_dist_local):
            local = imagebuilder_dist_local
            theirs = boto3.client("imagebuilder", "us-west-2", aws_access_key_id="a", aws_secret_access_key="b")
            {set_up}
            clean_up(client)
        """
    )

    result = run(pytester, "--tb=short", "--disable-warnings")

    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([r"test_.*\.py:\d+: in test_it", r"test_.*\.py:\d+: in clean_up"])
    result.stdout.fnmatch_lines([message])
    result.stdout.no_fnmatch_line("*/botocore/*")
    result.stdout.no_fnmatch_line("*/imagebuilder_dist/*")


def compare(pytester: pytest.Pytester, left: object, right: object) -> list[str]:
    """Return what pytest prints for an assertion that they are equal."""
    pytester.makeconftest(f"from imagebuilder_dist import *\nleft = {left!r}\nright = {right!r}")
    pytester.makepyfile("from conftest import left, right\n\ndef test_it():\n    assert left == right")
    lines = run(pytester, "-vv").outlines
    return [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]


@pytest.mark.parametrize(
    ("left", "right", "lines"),
    [
        (
            STORED,
            attrs.evolve(STORED, description=None, distributions=[WEB]),
            [
                "- description: 'Web servers'",
                "- distributions[us-west-2].amiDistributionConfiguration.targetAccountIds: 111122223333",
            ],
        ),
        ([WEB], [EAST], ["- distributions[us-west-2]", "+ distributions[us-east-1]"]),
        (WEB, EAST, ["- distributions[us-west-2]", "+ distributions[us-east-1]"]),
        (CREATE, attrs.evolve(CREATE, tags={}), ["- tags.team: 'web'"]),
    ],
    ids=["configuration", "list", "distribution", "request"],
)
def test_a_comparison_shows_a_plan(pytester: pytest.Pytester, left: object, right: object, lines: list[str]) -> None:
    shown = compare(pytester, left, right)

    name = type(left).__name__
    assert shown[0] == f"AssertionError: assert {name} == {name}"
    assert "what differs (- left, + right):" in shown
    assert {*lines} <= {*shown}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([1], [2]),
        (WEB, 1),
        ("a", "b"),
        (STORED, attrs.evolve(STORED, date_updated="now")),
        (ibd.AmiDistributionConfiguration(), ibd.AmiDistributionConfiguration(kms_key_id="k")),
    ],
)
def test_pytest_compares_everything_else(pytester: pytest.Pytester, left: object, right: object) -> None:
    lines = compare(pytester, left, right)

    assert lines
    assert "what differs (- left, + right):" not in lines


def test_who_does_not_use_it_imports_nothing_of_ours(tmp_path: Path) -> None:
    code = """
import sys

def test_it():
    assert [name for name in sys.modules if name.startswith(("imagebuilder_dist", "boto"))] == []

def test_that_fails():
    assert 1 == 2
"""
    (tmp_path / "test_it.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", *PLUGIN, "--rootdir", str(tmp_path), str(tmp_path / "test_it.py")]
    # Other plugins take a second to load.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)

    assert "1 failed, 1 passed" in done.stdout
