"""
What `validate` takes and returns: all issues at once, in document order; and what a client does with them.
"""

import json
import sys
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist._shapes.validation import validate
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, EVERYTHING, PUBLIC, ami

from .builders import fast, found, update


@attrs.frozen(kw_only=True)
class MyDistribution(ibd.Distribution):
    note: str = ""


@pytest.mark.parametrize(
    "distribution", [EVERYTHING, ami(name="ab", target_account_ids=["1"]), fast(max_parallel_launches=5)]
)
def test_a_subclass_is_judged_like_its_base(distribution: ibd.Distribution) -> None:
    mine = MyDistribution(**{name: getattr(distribution, name) for name in attrs.fields_dict(ibd.Distribution)})

    assert [str(issue) for issue in validate(mine)] == [str(issue) for issue in validate(distribution)]
    assert found(update(mine)) == found(update(distribution))


def test_a_distribution_is_judged_alone_and_several_together() -> None:
    wrong = ami(target_account_ids=["1"])

    assert found(wrong) == [("amiDistributionConfiguration.targetAccountIds[0]", "pattern")]
    assert found([ami(), wrong]) == [
        ("distributions[1].region", "region-unique"),
        ("distributions[1].amiDistributionConfiguration.targetAccountIds[0]", "pattern"),
    ]
    assert found({wrong}) == [("distributions[0].amiDistributionConfiguration.targetAccountIds[0]", "pattern")]
    assert found([]) == [("distributions", "empty-distributions")]


@pytest.mark.parametrize(
    "value", [5, None, "us-west-2", iter(()), {"region": "us-west-2"}, [{"region": "us-west-2"}], ["x"]]
)
def test_anything_else_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^configuration(\[0\])? must be a (list of )?Distribution, not "):
        validate(value)


def test_the_client_sends_nothing_that_has_errors(local: LocalImageBuilder) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        local.client().update_distribution_configuration(
            ARN, [ami(name="ab", launch_permission=PUBLIC)], client_token="a token"
        )

    assert local.requests == ()
    assert (caught.value.client_token, caught.value.operation) == ("a token", "UpdateDistributionConfiguration")
    assert [issue.rule for issue in caught.value.issues] == ["pattern", "ami-name-build-date", "public-ami"]
    lines = str(caught.value).splitlines()
    assert lines[0] == f"3 problems in UpdateDistributionConfiguration of {ARN}:"
    assert lines[3].endswith("block public access is on (warning)")


def test_an_errors_text_shows_the_first_hundred_issues() -> None:
    tags = {f"aws:{n}": "" for n in range(150)}
    text = json.dumps({"name": "web", "distributions": [ibd.to_boto3(ami())], "tags": tags})

    with pytest.raises(documents.DocumentError) as caught:
        documents.loads(text)

    error = caught.value
    lines = str(error).splitlines()
    assert (len(error.issues), len(lines), lines[-1]) == (151, 101, "... 51 more")
    assert str(ibd.ValidationError(error.issues)).splitlines()[-1] == "  ... 51 more"
    assert "more" not in str(ibd.ValidationError(error.issues[:100]))


@pytest.mark.parametrize("is_copy", [False, True])
def test_what_was_judged_in_a_file_is_not_judged_again_when_it_is_sent(is_copy: bool) -> None:
    text = documents.dumps(update(ami("us-west-2"), distribution_configuration_arn=ARN))
    request = documents.loads(text).request
    local = LocalImageBuilder()
    local.put(update(EVERYTHING))
    client = local.client()
    judged: set[str] = set()

    sys.setprofile(lambda frame, _event, _arg: judged.add(frame.f_code.co_filename))
    try:
        client.send(attrs.evolve(request) if is_copy else request)
    finally:
        sys.setprofile(None)

    assert any(name.endswith("rules.py") for name in judged) == is_copy
