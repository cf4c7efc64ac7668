"""
Regions, names and patterns; text that can't be encoded, isn't cached, and doesn't forge a log line.
"""

import gc
import json
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist._shapes.validation import validate, validate_encoding
from imagebuilder_dist.models import BUILD_DATE
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, ami

from .builders import OWNER, TEMPLATE, everything, found, ssm, strings_in, template, update


@pytest.mark.parametrize(
    ("region", "suggestion"),
    [
        ("us-west-2a", "; did you mean 'us-west-2'?"),
        ("US-WEST-2", "; did you mean 'us-west-2'?"),
        ("us-wets-2", "; did you mean 'us-west-2'?"),
        ("eu_central_1", "; did you mean 'eu-central-1'?"),
        ("cn-nort-1", "; did you mean 'cn-north-1'?"),
        ("Frankfurt", ""),
        ("aws-global", ""),
    ],
)
def test_an_unknown_region_comes_with_the_nearest(region: str, suggestion: str) -> None:
    (issue,) = validate(ami(region))

    assert (issue.path, issue.rule, issue.severity) == ("region", "region-unknown", "warning")
    assert issue.message == f"isn't a Region that botocore knows{suggestion}"


def test_every_region_that_botocore_knows_for_ec2_is_known() -> None:
    session = Session()
    regions = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    ]

    assert len(regions) > 20
    assert [issue.path for issue in validate([ami(region) for region in regions])] == []


def test_many_unknown_regions_are_found_and_the_first_get_a_suggestion() -> None:
    """
    Each hint takes half a millisecond to find, and a log shows them: many would take longer than the call.
    """
    messages = [issue.message for issue in validate([ami(f"us-west-{n}") for n in range(10, 60)])]

    assert len(messages) == 50
    assert ["did you mean" in message for message in messages] == [True] * 3 + [False] * 47


@pytest.mark.parametrize(
    "request_",
    [
        ami(target_account_ids=[f"{OWNER}\n"]),
        ami(target_account_ids=["١٢٣٤٥٦٧٨٩٠١٢"]),
        ami(name=f"web\u00a0{BUILD_DATE}"),
        ami(ami_tags={"a\u00a0b": ""}),
        ami(ami_tags={"a": "b", "aws:x": "c"}),
        template(f"{TEMPLATE}\n"),
        template("lt-0123456789abcdef"),
        ssm(("a\n", None)),
        update(ami(), distribution_configuration_arn=f"{ARN}\n"),
    ],
)
def test_a_pattern_means_what_the_service_means(request_: Any) -> None:
    assert "pattern" in {issue.rule for issue in validate(request_)}


UNIT = f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh/and more"


@pytest.mark.parametrize(
    ("members", "rules"),
    [
        ({"name": "ab"}, ["pattern", "ami-name-build-date"]),
        ({"name": ""}, ["min", "ami-name-build-date"]),
        ({"launch_permission": ibd.LaunchPermissionConfiguration(organizational_unit_arns=[UNIT])}, []),
        ({"name": f"a\tb {BUILD_DATE}", "ami_tags": {"a b\tc": ""}}, []),
        ({"description": "\U0001f600 Grüße \U0010ffff"}, []),
    ],
    ids=["short", "empty", "after an ARN", "white space", "whole characters"],
)
def test_what_is_said_of_a_text(members: dict[str, Any], rules: list[str]) -> None:
    assert [rule for _, rule in found(ami(**members))] == rules


def test_half_a_character_is_an_error_wherever_it_stands() -> None:
    r"""
    JSON can contain `"\ud83d"`, half of an emoji; UTF-8 can't.
    """
    for path, _ in strings_in(everything()):
        document = everything()
        dict(strings_in(document))[path]("half \ud83d")

        issues = validate(ibd.from_boto3(document, ibd.UpdateDistributionConfigurationRequest))

        assert [(issue.path, issue.severity) for issue in issues if issue.rule == "encoding"] == [(path, "error")]
        message = r"must be text, but '\ud83d' at position 5 is half of a surrogate pair"
        assert message in {issue.message for issue in issues}
        assert "pattern" not in {issue.rule for issue in issues}


def test_half_a_character_is_found_in_parameters_and_tag_keys() -> None:
    tags = {"half \ud83d": ""}
    parameters = {"resourceArn": "\udfff", "filters": [{"values": ["a", "\ud800"]}], "maxResults": 5}
    paths = ["resourceArn", "filters[0].values[1]"]

    assert [(issue.path, issue.rule) for issue in validate_encoding(parameters)] == [
        (each, "encoding") for each in paths
    ]
    assert found(ami(ami_tags=tags)) == [(r"amiDistributionConfiguration.amiTags['half \ud83d']", "encoding")]
    with pytest.raises(ibd.ValidationError, match=r"tags\['half \\ud83d'\]: must be text"):
        LocalImageBuilder().client().tag_resource(ARN, tags)


class Text(str):
    """A string that a test can watch."""

    __slots__ = ("__weakref__",)


def test_no_string_of_a_request_is_kept() -> None:
    """
    Names and ids are the user's, and a cache of them would grow with every request.
    """

    document = everything()

    def watched(path: object, replace: Callable[[str], object]) -> weakref.ref[str]:
        text = Text(f"wrong {path}")
        replace(text)
        return weakref.ref(text)

    kept = [watched(path, replace) for path, replace in strings_in(document)]

    validate(ibd.from_boto3(document, ibd.UpdateDistributionConfigurationRequest))

    del document
    gc.collect()
    assert len(kept) > 30
    assert [each() for each in kept if each() is not None] == []


HOSTILE = st.text(st.sampled_from("a'\n\r\x00\x1b\x85\u2028\u2029\u202e\u2066\ud800"), min_size=1, max_size=8)


@given(key=HOSTILE, value=HOSTILE)
def test_no_key_and_no_value_forges_or_hides_text(key: str, value: str) -> None:
    """
    Errors are shown in logs and terminals.
    """
    request = update(
        ami(value, ami_tags={key: "x" * 257}, name=value, kms_key_id=f"arn:aws:kms:in {value}:1:key/1"), ami(value)
    )

    issues = validate(request)

    assert {"region-unknown", "region-unique", "kms-region", "ami-name-build-date"} <= {each.rule for each in issues}
    assert [text for each in issues for text in [str(each), each.path] if not text.isprintable()] == []


@pytest.mark.parametrize(
    "wrong",
    [
        ibd.Distribution(region="us-west-2", license_configuration_arns=["x"]),
        ami(launch_permission=ibd.LaunchPermissionConfiguration(organization_arns=["x"])),
        ami(launch_permission=ibd.LaunchPermissionConfiguration(organizational_unit_arns=["x"])),
    ],
    ids=["license", "organization", "unit"],
)
def test_an_example_of_an_arn_is_valid(wrong: ibd.Distribution) -> None:
    (issue,) = validate(wrong)
    _, _, rest = issue.message.partition(", such as ")
    example, _, _ = rest.partition(", not ")

    assert example.startswith("arn:aws:")
    document = json.loads(json.dumps(ibd.to_boto3(wrong)).replace('"x"', json.dumps(example)))
    assert validate(ibd.from_boto3(document, ibd.Distribution)) == ()
