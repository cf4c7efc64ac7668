"""
`from_boto3` reads back what `to_boto3` writes, and botocore accepts it.
"""

import copy
import pickle
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from botocore.validate import ParamValidator
from cattrs import ClassValidationError, Converter
from hypothesis import given

import imagebuilder_dist as ibd
from imagebuilder_dist import configure_converter, from_boto3, to_boto3
from tests import strategies
from tests.samples import ARN, EVERYTHING, structure


def values_in(document: Any) -> list[Any]:
    if isinstance(document, dict):
        return [value for item in document.values() for value in values_in(item)]
    if isinstance(document, list):
        return [value for item in document for value in values_in(item)]
    return [document]


@given(strategies.update_requests)
def test_what_is_sent_is_plain_valid_and_read_back(request_: ibd.UpdateDistributionConfigurationRequest) -> None:
    document = to_boto3(request_)
    report = ParamValidator().validate(
        {"clientToken": "filled in by botocore", **document}, structure("UpdateDistributionConfigurationRequest")
    )

    assert report.generate_report() == ""
    assert {type(value) for value in values_in(document)} <= {str, int, bool}
    assert [issue for issue in ibd.validate(request_) if issue.severity == "error"] == []
    for copied in (
        from_boto3(document, ibd.UpdateDistributionConfigurationRequest),
        pickle.loads(pickle.dumps(request_)),  # noqa: S301 - our own
        copy.copy(request_),
        copy.deepcopy(request_),
    ):
        assert copied == request_
        assert hash(copied) == hash(request_)


def test_what_is_sent_is_a_copy() -> None:
    document = to_boto3(EVERYTHING)

    document["amiDistributionConfiguration"]["amiTags"]["team"] = "other"
    document["licenseConfigurationArns"].clear()

    assert to_boto3(EVERYTHING)["amiDistributionConfiguration"]["amiTags"] == {"team": "web"}
    assert len(to_boto3(EVERYTHING)["licenseConfigurationArns"]) == 1


def test_only_our_classes_are_converted() -> None:
    with pytest.raises(TypeError, match="from_boto3 converts to classes of imagebuilder_dist, not to <class 'dict'>"):
        from_boto3({}, dict)
    model: Any = {}
    with pytest.raises(TypeError, match=r"to_boto3 takes a model of imagebuilder_dist, not \{\}"):
        to_boto3(model)


@attrs.define
class Theirs:
    count: int
    distribution: ibd.Distribution


def test_a_converter_of_theirs_learns_our_classes_and_keeps_its_ways() -> None:
    converter = configure_converter(Converter())
    document: Mapping[str, Any] = {"count": "5", "distribution": to_boto3(EVERYTHING)}

    theirs = converter.structure(document, Theirs)

    assert theirs == Theirs(5, EVERYTHING)
    assert converter.unstructure(theirs) == {"count": 5, "distribution": to_boto3(EVERYTHING)}


def test_a_converter_of_theirs_reads_requests_strictly_and_results_leniently() -> None:
    converter = configure_converter(Converter())
    stored = {"arn": ARN, "hue": "blue", "distributions": [{**to_boto3(EVERYTHING), "shade": 1}], "tags": None}

    assert converter.structure(stored, ibd.DistributionConfiguration).distributions == (EVERYTHING,)
    with pytest.raises(ibd.ValidationError, match="tags: must not be None"):
        converter.structure({**stored, "name": "web"}, ibd.CreateDistributionConfigurationRequest)
    with pytest.raises(ClassValidationError) as caught:
        converter.structure({"count": "5", "distribution": {"region": 1, "hue": "blue"}}, Theirs)
    (error,) = caught.value.exceptions
    assert isinstance(error, ibd.ValidationError)
    assert [issue.path for issue in error.issues] == ["region", "hue"]


def test_a_request_with_no_distributions_can_be_read() -> None:
    """
    Whether that is wise is for validation to decide.
    """
    document = {"distributionConfigurationArn": ARN, "distributions": []}

    assert to_boto3(from_boto3(document, ibd.UpdateDistributionConfigurationRequest)) == document
