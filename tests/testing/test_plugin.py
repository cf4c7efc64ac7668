"""
The pytest plugin, in separate runs of pytest.
"""

import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import examples

PLUGIN = ("-p", "pytest_imagebuilder_dist", "-p", "no:randomly", "-p", "no:cacheprovider")
WEB = examples.minimal(ibd.Distribution)
STUBS = """
    import pytest
    from imagebuilder_dist.testing import examples

    {marker}
    def test_it(imagebuilder_dist_stubs):
        imagebuilder_dist_stubs.get_distribution_configuration(examples.ARN)
        {body}
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
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


def test_stubs_that_are_used_up(pytester: pytest.Pytester) -> None:
    body = "imagebuilder_dist_stubs.client.get_distribution_configuration(examples.ARN)"
    pytester.makepyfile(STUBS.format(marker="", body=body))

    run(pytester).assert_outcomes(passed=1)


def test_a_stub_that_is_left_over_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(STUBS.format(marker="", body=""))

    result = run(pytester)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["E *StubError: left over: get_distribution_configuration(*), which received 0 of 1 request"]
    )


def test_an_unmatched_request_that_the_code_swallows_is_an_error(pytester: pytest.Pytester) -> None:
    body = "with pytest.raises(AssertionError): imagebuilder_dist_stubs.client.list_tags_for_resource(examples.ARN)"
    pytester.makepyfile(STUBS.format(marker="@pytest.mark.imagebuilder_dist_left_over", body=body))

    result = run(pytester)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["E *StubError: no stub matches ListTagsForResource: there is no stub for this operation"]
    )


def test_the_check_at_the_end_has_a_short_traceback(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(STUBS.format(marker="", body=""))

    run(pytester).stdout.no_fnmatch_line("*assert_done*")


def test_what_is_left_over_after_a_failure_is_no_second_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(STUBS.format(marker="", body="raise ValueError"))

    result = run(pytester)

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*left over*")


def test_an_unmatched_request_fails_a_test_once(pytester: pytest.Pytester) -> None:
    body = "imagebuilder_dist_stubs.client.list_tags_for_resource(examples.ARN)"
    pytester.makepyfile(STUBS.format(marker="", body=body))

    result = run(pytester, "--tb=line")

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*unmatched requests*")


def test_a_swallowed_unmatched_request_is_shown_with_another_failure(pytester: pytest.Pytester) -> None:
    body = """
        with pytest.raises(AssertionError): imagebuilder_dist_stubs.client.list_tags_for_resource(examples.ARN)
        raise ValueError"""
    pytester.makepyfile(STUBS.format(marker="", body=body))

    result = run(pytester)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no stub matches ListTagsForResource: there is no stub for this operation"])


@pytest.mark.parametrize(
    ("marker", "ini", "errors"),
    [
        ("@pytest.mark.imagebuilder_dist_left_over", "false", 0),
        ("@pytest.mark.imagebuilder_dist_left_over(allowed=True)", "false", 0),
        ("@pytest.mark.imagebuilder_dist_left_over(allowed=False)", "true", 1),
        ("", "true", 0),
    ],
)
def test_what_may_be_left_over(pytester: pytest.Pytester, marker: str, ini: str, errors: int) -> None:
    pytester.makepyfile(STUBS.format(marker=marker, body=""))
    pytester.makeini(f"[pytest]\nimagebuilder_dist_left_over = {ini}")

    run(pytester, "--strict-markers").assert_outcomes(passed=1, errors=errors)


def test_fixtures_and_marker_are_documented(pytester: pytest.Pytester) -> None:
    fixtures = run(pytester, "--fixtures").stdout.str()
    markers = run(pytester, "--markers").stdout.str()

    for name in ("local", "client", "stubs"):
        assert f"imagebuilder_dist_{name} -- " in fixtures
    assert "@pytest.mark.imagebuilder_dist_left_over(allowed=True): whether stubs" in markers


def compare(pytester: pytest.Pytester, left: object, right: object) -> list[str]:
    """Return what pytest prints for an assertion that they are equal."""
    pytester.makeconftest(f"from imagebuilder_dist import *\nleft = {left!r}\nright = {right!r}")
    pytester.makepyfile("from conftest import left, right\n\ndef test_it():\n    assert left == right")
    lines = run(pytester, "-vv").outlines
    return [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]


def test_a_comparison_shows_what_differs(pytester: pytest.Pytester) -> None:
    stored = examples.complete(ibd.DistributionConfiguration)
    other = attrs.evolve(stored, description=None, distributions=[WEB], date_updated="now")

    lines = compare(pytester, stored, other)

    assert lines[0] == "AssertionError: assert DistributionConfiguration == DistributionConfiguration"
    assert "- description: 'Web servers'" in lines
    assert f"- distributions[us-west-2].amiDistributionConfiguration.kmsKeyId: '{examples.KMS_KEY_ARN}'" in lines
    assert "~ dateUpdated: '2026-09-09T19:37:37.231Z' -> 'now'" in lines


@pytest.mark.parametrize(
    ("left", "right", "line"),
    [
        ([WEB], [attrs.evolve(WEB, region="eu-west-1")], "- distributions[us-west-2]: "),
        (WEB, attrs.evolve(WEB, region="eu-west-1"), "~ region: 'us-west-2' -> 'eu-west-1'"),
        (
            ibd.LaunchPermissionConfiguration(user_ids=["1", "2"]),
            ibd.LaunchPermissionConfiguration(user_ids=["2", "1"]),
            "they mean the same to the service, but differ in order or in duplicates",
        ),
    ],
    ids=["list", "model", "order"],
)
def test_what_is_compared(pytester: pytest.Pytester, left: object, right: object, line: str) -> None:
    assert any(each.startswith(line) for each in compare(pytester, left, right))


def test_warnings_are_compared(pytester: pytest.Pytester) -> None:
    result = examples.minimal(ibd.UpdateDistributionConfigurationResult)
    warned = attrs.evolve(result, warnings=[ibd.Issue(("p",), "r", "warning", "m")])

    assert any(line.startswith("~ warnings: () -> (Issue(") for line in compare(pytester, result, warned))


@pytest.mark.parametrize(("left", "right"), [([1], [2]), (WEB, 1), ("a", "b")])
def test_pytest_compares_everything_else(pytester: pytest.Pytester, left: object, right: object) -> None:
    assert not any("what differs" in line for line in compare(pytester, left, right))


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
