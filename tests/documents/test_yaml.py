"""
YAML's peculiarities: scalars, anchors, merge keys, and invalid texts.
"""

import json
import subprocess
import sys

import pytest
import yaml

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import CREATE, ami_of, found_in, issues_of
from tests.samples import EVERYTHING


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *((each, each) for each in ("1.10", "no", "0x1F", "2026-01-01", "012345670123", "1_000", "<<", "=")),
        ("web {{ imagebuilder:buildDate }}", "web {{ imagebuilder:buildDate }}"),
        ("!!str 5", "5"),
        ("'null'", "null"),
        ("|\n    a\n    b", "a\nb\n"),
    ],
)
def test_a_scalar_in_a_strings_place_is_the_text_as_written(written: str, read: str) -> None:
    text = f"region: x\namiDistributionConfiguration:\n  description: {written}\n  amiTags:\n   1: {written}\n"

    ami = ami_of(text)

    assert (ami.description, ami.ami_tags) == (read, {"1": read})


@pytest.mark.parametrize(("written", "read"), [("true", True), ("yes", True), ("Off", False), ("FALSE", False)])
def test_a_scalar_in_a_booleans_place_is_one(written: str, read: bool) -> None:
    text = f"region: x\nfastLaunchConfigurations: [{{enabled: {written}, maxParallelLaunches: 6}}]"

    [fast_launch] = documents.loads(text, validate=False).distributions[0].fast_launch_configurations

    assert fast_launch.enabled is read
    assert fast_launch.max_parallel_launches == 6


@pytest.mark.parametrize("written", ["010", "0x10", "1:30", "1_0", "6.0", "'6'", "1" * 5000, "no", "1e1"])
def test_a_number_that_readers_of_yaml_take_differently_is_none(written: str) -> None:
    text = f"region: us-west-2\nfastLaunchConfigurations: [{{enabled: true, maxParallelLaunches: {written}}}]"

    [issue] = issues_of(text)

    assert issue.startswith("2:65: error: fastLaunchConfigurations[0].maxParallelLaunches: must be an integer, not ")


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ("", ["1:1: error: is empty [syntax]"]),
        ("# nothing", ["1:1: error: is empty [syntax]"]),
        (
            "region: us-west-2\namiDistributionConfiguration:\n  name: {{ imagebuilder:buildDate }}",
            ["3:9: error: amiDistributionConfiguration.name: is a mapping in YAML; put it in quotes: "
             '"{{ imagebuilder:buildDate }}" [syntax]'],
        ),
        (
            "name: {{ imagebuilder:buildDate }}-web",
            ['1:7: error: name: is a mapping in YAML; put it in quotes: "{{ imagebuilder:buildDate }}" [syntax]'],
        ),
        (
            "{% if x %}\nname: web",
            ["1:2: error: isn't YAML: while scanning for the next token, found character that cannot start any token; "
             "render the template first [syntax]"],
        ),
        (
            "name: web\ndistributions:\n\t- region: x",
            ["3:1: error: isn't YAML: while scanning for the next token, found character that cannot start any token; "
             "indent with spaces, not tabs [syntax]"],
        ),
        (
            "region: x\n---\nregion: y",
            ["2:1: error: isn't YAML: there is a second document; only one is allowed [syntax]"],
        ),
        ("region: é\x01", ["1:10: error: isn't YAML: '\\x01' isn't allowed [syntax]"]),
        ("kms: 1\nregion: [x]\ndistributions: []",
         ["1:1: error: kms: is not a member of CreateDistributionConfigurationRequest; it has name, distributions, "
          "description, tags, clientToken, dryRun [unknown-member]",
          "1:1: error: name: is required but missing [required]",
          "2:1: error: region: is not a member of CreateDistributionConfigurationRequest; it belongs to Distribution "
          "[unknown-member]",
          "3:16: error: distributions: must have at least 1 item: without one, nothing is distributed "
          "[empty-distributions]"]),
        ("region: *x", ["1:9: error: isn't YAML: found undefined alias [syntax]"]),
        ("- &a [*a]", ["1:7: error: contains itself through an alias [syntax]"]),
        ("- &a {region: x, <<: *a}", ["1:22: error: contains itself through an alias [syntax]"]),
        ("- " * 101 + "x", ["1:201: error: is nested more than 100 levels deep [syntax]"]),
        ("[" * 101, ["1:102: error: isn't JSON: Expecting value [syntax]"]),
        ("region: x\nregion: us-west-2\nssmParameterConfigurations: [{parameterName: /a}]",
         ["2:1: error: region: is given twice, first in line 1 [duplicate-key]"]),
        ("region: !Ref x\nssmParameterConfigurations: [{parameterName: /a}]",
         ["1:9: error: region: must be a string, not {'Ref': 'x'} (mapping) [type]"]),
        ("region: us-west-2\n<<: [5]\nssmParameterConfigurations: [{parameterName: /a}]",
         ["2:6: error: can't be merged: it isn't a mapping [syntax]"]),
        ("region: us-west-2\n? [a]\n: b\nssmParameterConfigurations: [{parameterName: /a}]",
         ["2:3: error: has a key that isn't a string [syntax]"]),
        ("region:\nssmParameterConfigurations: [{parameterName: /a}]",
         ["1:8: error: region: must be a string, not None [type]"]),
    ],
)  # fmt: skip
def test_what_yaml_can_hold_is_read_right_or_rejected(text: str, issues: list[str]) -> None:
    assert issues_of(text) == issues


READ_DEEPLY_NESTED = """
import json, sys, threading
from imagebuilder_dist import documents

def read():
    for text in json.load(sys.stdin):
        try:
            documents.loads(text)
        except documents.DocumentError as error:
            print(error, flush=True)

threading.stack_size(256 * 1024)
thread = threading.Thread(target=read)
thread.start()
thread.join()
"""


def test_deep_nesting_is_an_error_however_small_the_stack() -> None:
    """
    It is read in another process, which deep recursion in C would end.
    """
    places = {
        "x: " + "[" * 900: "1:103",
        "x: " + "{a: " * 900 + "}" * 900: "1:400",
        "- " * 900 + "x": "1:201",
        "? " * 900 + "x": "1:201",
        "".join(" " * level + "a:\n" for level in range(900)): "101:101",
        "".join(f"- &a{level}\n" + " " * level for level in range(1, 900)) + "x": "100:102",
    }

    texts = json.dumps([*places])
    done = subprocess.run(
        [sys.executable, "-c", READ_DEEPLY_NESTED], check=False, input=texts, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"<text>:{place}: error: is nested more than 100 levels deep [syntax]" for place in places.values()
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("- " * 99 + "[x]", "unrecognised"),
        ("- " * 99 + "[[x]]", "syntax"),
        # Nothing reads aliases deeper than a configuration is.
        ("- &a0 [x]\n" + "".join(f"- &a{level} [*a{level - 1}]\n" for level in range(1, 900)), "unrecognised"),
    ],
)
def test_a_hundred_levels_are_read_and_no_more(text: str, rule: str) -> None:
    assert {issue.rule for issue in found_in(text)} == {rule}


def test_aliases_and_merge_keys_are_followed() -> None:
    text = """\
- &west
  region: us-west-2
  amiDistributionConfiguration: &ami
    description: all
    targetAccountIds: &accounts [111122223333]
- <<: [*west, {region: lost}]
  region: eu-west-1
  amiDistributionConfiguration: {<<: *ami, targetAccountIds: *accounts, description: some}
"""
    west, east = documents.loads(text).distributions

    ami = west.ami_distribution_configuration
    assert ami == ibd.AmiDistributionConfiguration(description="all", target_account_ids=["111122223333"])
    assert east.region == "eu-west-1"
    assert east.ami_distribution_configuration == ibd.AmiDistributionConfiguration(
        description="some", target_account_ids=["111122223333"]
    )


def test_a_wrong_value_under_a_merge_key_is_found_where_it_is_written() -> None:
    text = "- &west {region: us-west-2, kms: 1}\n- <<: *west\n  region: us-east-1"

    assert [issue.split(":")[0:2] for issue in issues_of(text) if "kms" in issue] == [["1", "29"], ["1", "29"]]


def test_of_several_that_are_merged_the_first_one_counts() -> None:
    for merged in (
        "<<: [{region: us-west-2}, {region: eu-west-1}]",
        "<<: {region: us-west-2}\n<<: {region: eu-west-1}",
    ):
        text = f"{merged}\nssmParameterConfigurations: [{{parameterName: /ami}}]"

        assert [each.region for each in documents.loads(text).distributions] == ["us-west-2"]


MANY_KEYS = ", ".join(f"k{number}: v" for number in range(2000))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"- {{amiDistributionConfiguration: &many {{targetAccountIds: [{'1, ' * 2000}]}}}}\n"
         + "- {amiDistributionConfiguration: *many}\n" * 1000, "500:34"),
        (f"- {{amiDistributionConfiguration: {{amiTags: &many {{{MANY_KEYS}}}}}}}\n"
         + "- {amiDistributionConfiguration: {amiTags: *many}}\n" * 1000, "500:44"),
        (f"- &many {{{MANY_KEYS}}}\n- <<: [{'*many, ' * 1000}]", "2:3501"),
        ("- &a0 [x, x]\n" + "".join(f"- &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)), "18:15"),
    ],
)  # fmt: skip
def test_aliases_that_make_millions_of_values_are_rejected(text: str, place: str) -> None:
    assert issues_of(text) == [f"{place}: error: has more than 1,000,000 values, including aliases [too-large]"]


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    monkeypatch.delattr(yaml, "CSafeDumper", raising=False)
    # Set first, so that the module without libyaml is dropped at the end even if no other was imported before.
    monkeypatch.setitem(sys.modules, "imagebuilder_dist.documents._yaml", None)
    monkeypatch.delitem(sys.modules, "imagebuilder_dist.documents._yaml")

    created = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING], description="a\x85b")
    assert documents.loads(documents.dumps(created, format="yaml")).content == created
    assert issues_of("region: é\x01") == ["1:10: error: isn't YAML: '\\x01' isn't allowed [syntax]"]
    assert issues_of("x: " + "[" * 10_000) == ["1:103: error: is nested more than 100 levels deep [syntax]"]


def test_without_pyyaml_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "imagebuilder_dist.documents._yaml", raising=False)

    for call in (lambda: documents.loads("a: b"), lambda: documents.dumps(CREATE, format="yaml")):
        with pytest.raises(ibd.ConfigurationError, match="isn't installed; pip install pyyaml"):
            call()
    assert documents.loads(documents.dumps(CREATE, format="json")).content == CREATE
