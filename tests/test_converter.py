from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from botocore.validate import ParamValidator
from cattrs import ClassValidationError, Converter
from hypothesis import given

import imagebuilder_dist as ibd
from imagebuilder_dist import configure_converter, from_boto3, to_boto3

from . import strategies
from .shapes import ARN, EVERYTHING, structure


def values_in(document: Any) -> list[Any]:
    if isinstance(document, dict):
        return [value for item in document.values() for value in values_in(item)]
    if isinstance(document, list):
        return [value for item in document for value in values_in(item)]
    return [document]


def issues_of(document: Any, cls: type[Any] = ibd.Distribution) -> list[tuple[str, str, str]]:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3(document, cls)
    return [(issue.path, issue.rule, issue.message) for issue in caught.value.issues]


@given(strategies.update_requests)
def test_what_is_sent_is_what_is_read_back(request_: ibd.UpdateDistributionConfigurationRequest) -> None:
    assert from_boto3(to_boto3(request_), ibd.UpdateDistributionConfigurationRequest) == request_


@given(strategies.update_requests)
def test_botocore_accepts_what_is_sent(request_: ibd.UpdateDistributionConfigurationRequest) -> None:
    arguments = {"clientToken": "filled in by botocore", **to_boto3(request_)}

    report = ParamValidator().validate(arguments, structure("UpdateDistributionConfigurationRequest"))

    assert report.generate_report() == ""


@given(strategies.update_requests)
def test_only_plain_values_are_sent(request_: ibd.UpdateDistributionConfigurationRequest) -> None:
    assert {type(value) for value in values_in(to_boto3(request_))} <= {str, int, bool}


def test_members_have_the_names_of_the_service() -> None:
    document = to_boto3(EVERYTHING)

    assert document == {
        "region": "us-west-2",
        "amiDistributionConfiguration": {
            "name": "web {{ imagebuilder:buildDate }}",
            "description": "Web servers",
            "targetAccountIds": ["111122223333"],
            "amiTags": {"team": "web"},
            "kmsKeyId": "alias/web",
            "launchPermission": {
                "userIds": ["111122223333", "444455556666"],
                "userGroups": ["all"],
                "organizationArns": ["arn:aws:organizations::123456789012:organization/o-abcdefghij"],
                "organizationalUnitArns": ["arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-abcd-abcdefgh"],
            },
        },
        "containerDistributionConfiguration": {
            "description": "Web container",
            "containerTags": ["latest"],
            "targetRepository": {"service": "ECR", "repositoryName": "web"},
        },
        "licenseConfigurationArns": [
            "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef"
        ],
        "launchTemplateConfigurations": [
            {
                "launchTemplateId": "lt-0123456789abcdef0",
                "accountId": "111122223333",
                "setDefaultVersion": False,
            }
        ],
        "s3ExportConfiguration": {
            "roleName": "vmimport",
            "diskImageFormat": "VHD",
            "s3Bucket": "images",
            "s3Prefix": "web/",
        },
        "fastLaunchConfigurations": [
            {
                "enabled": True,
                "snapshotConfiguration": {"targetResourceCount": 5},
                "maxParallelLaunches": 6,
                "launchTemplate": {
                    "launchTemplateId": "lt-0123456789abcdef0",
                    "launchTemplateVersion": "$Latest",
                },
                "accountId": "123456789012",
            }
        ],
        "ssmParameterConfigurations": [
            {"parameterName": "/ami/web", "amiAccountId": "111122223333", "dataType": "aws:ec2:image"}
        ],
    }
    assert from_boto3(document, ibd.Distribution) == EVERYTHING


def test_an_empty_structure_is_kept() -> None:
    distribution = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration()
    )

    assert to_boto3(distribution) == {"region": "us-west-2", "amiDistributionConfiguration": {}}


def test_what_is_sent_is_a_copy() -> None:
    document = to_boto3(EVERYTHING)

    document["amiDistributionConfiguration"]["amiTags"]["team"] = "other"
    document["licenseConfigurationArns"].clear()

    assert to_boto3(EVERYTHING)["amiDistributionConfiguration"]["amiTags"] == {"team": "web"}
    assert len(to_boto3(EVERYTHING)["licenseConfigurationArns"]) == 1


def test_every_problem_is_reported_at_once_in_the_order_of_the_document() -> None:
    document = {
        "fastLaunchConfigurations": [{"maxParallelLaunches": "6"}, {"enabled": True}, 5],
        "region": 5,
        "amiDistributionConfiguration": {
            "tags": {},
            "targetAccountIds": ["111122223333", 111122223333, None],
            "amiTags": {"a": 1, "b": "c", 3: "d"},
            "launchPermission": [],
        },
        "containerDistributionConfiguration": {"description": None},
    }

    assert issues_of(document) == [
        ("fastLaunchConfigurations[0].maxParallelLaunches", "type", "must be an int, not '6' (str)"),
        ("fastLaunchConfigurations[0].enabled", "required", "is missing, and the service requires it"),
        (
            "fastLaunchConfigurations[2]",
            "type",
            "must be a dict that describes a FastLaunchConfiguration, not 5 (int)",
        ),
        ("region", "type", "must be a str, not 5 (int)"),
        (
            "amiDistributionConfiguration.tags",
            "unknown-member",
            "is no member of AmiDistributionConfiguration; did you mean 'amiTags'?",
        ),
        ("amiDistributionConfiguration.targetAccountIds[1]", "type", "must be a str, not 111122223333 (int)"),
        ("amiDistributionConfiguration.targetAccountIds[2]", "type", "must be a str, not None"),
        ("amiDistributionConfiguration.amiTags.a", "type", "must be a str, not 1 (int)"),
        ("amiDistributionConfiguration.amiTags[3]", "type", "must be a str, not 3 (int)"),
        (
            "amiDistributionConfiguration.launchPermission",
            "type",
            "must be a dict that describes a LaunchPermissionConfiguration, not [] (list)",
        ),
        (
            "containerDistributionConfiguration.description",
            "type",
            "must not be None; leave it out instead",
        ),
        (
            "containerDistributionConfiguration.targetRepository",
            "required",
            "is missing, and the service requires it",
        ),
    ]


@pytest.mark.parametrize(
    ("key", "cls", "hint"),
    [
        ("launchPermissions", ibd.AmiDistributionConfiguration, "did you mean 'launchPermission'?"),
        ("tags", ibd.AmiDistributionConfiguration, "did you mean 'amiTags'?"),
        ("kms_key_id", ibd.AmiDistributionConfiguration, "did you mean 'kmsKeyId'?"),
        ("LaunchTemplateID", ibd.LaunchTemplateConfiguration, "did you mean 'launchTemplateId'?"),
        ("fastLaunchConfigurations", ibd.AmiDistributionConfiguration, "it belongs to Distribution"),
        ("zzz", ibd.FastLaunchSnapshotConfiguration, "it has targetResourceCount"),
    ],
)
def test_an_unknown_key_comes_with_a_hint(key: str, cls: type[Any], hint: str) -> None:
    messages = [message for path, _, message in issues_of({key: 1}, cls) if path == key]

    assert messages == [f"is no member of {cls.__name__}; {hint}"]


@pytest.mark.parametrize("value", ["true", 1, None])
def test_nothing_is_coerced_to_a_bool(value: object) -> None:
    assert [path for path, _, _ in issues_of({"enabled": value}, ibd.FastLaunchConfiguration)] == ["enabled"]


@pytest.mark.parametrize("value", ["7", 7.0, True])
def test_nothing_is_coerced_to_an_int(value: object) -> None:
    document = {"targetResourceCount": value}

    assert [path for path, _, _ in issues_of(document, ibd.FastLaunchSnapshotConfiguration)] == ["targetResourceCount"]


def test_a_lone_string_is_no_list() -> None:
    assert issues_of({"userIds": "123456789012"}, ibd.LaunchPermissionConfiguration) == [
        ("userIds", "type", "must be a list of str, not '123456789012' (str); put it into a list: [...]")
    ]


@pytest.mark.parametrize("tags", [["a"], "a", 1])
def test_tags_are_a_dict(tags: object) -> None:
    ((path, rule, message),) = issues_of({"amiTags": tags}, ibd.AmiDistributionConfiguration)

    assert (path, rule) == ("amiTags", "type")
    assert message.startswith("must be a dict of str to str")


@pytest.mark.parametrize(
    ("document", "cls"),
    [
        ({"userIds": []}, ibd.LaunchPermissionConfiguration),
        ({"amiTags": {}}, ibd.AmiDistributionConfiguration),
    ],
)
def test_a_list_that_the_service_refuses_empty_is_refused_in_a_document(
    document: dict[str, Any], cls: type[Any]
) -> None:
    ((path, rule, message),) = issues_of(document, cls)

    assert ([path], rule) == (list(document), "empty-list")
    assert message.endswith("leave it out instead")


def test_a_list_that_the_service_takes_empty_equals_an_absent_one() -> None:
    document = {"region": "us-west-2", "ssmParameterConfigurations": []}

    assert from_boto3(document, ibd.Distribution) == ibd.Distribution(region="us-west-2")


def test_a_document_that_is_no_dict_has_one_issue_without_a_path() -> None:
    assert issues_of([]) == [("", "type", "must be a dict that describes a Distribution, not [] (list)")]
    with pytest.raises(ibd.ValidationError, match=r"^1 problem:\n  must be a dict"):
        from_boto3([], ibd.Distribution)


def test_a_hostile_value_is_shown_short() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    ((path, _, message),) = issues_of({"region": deep})

    assert path == "region"
    assert len(message) < 200


def test_an_issue_carries_the_value() -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"region": 5, "x": "y"}, ibd.Distribution)

    assert [issue.value for issue in caught.value.issues] == [5, "y"]
    assert {issue.severity for issue in caught.value.issues} == {"error"}


def test_an_answer_is_read_leniently_all_the_way_down() -> None:
    answer: dict[str, Any] = {
        "name": "x",
        "hue": "blue",
        "description": None,
        "tags": None,
        "distributions": [
            {
                "region": "us-west-2",
                "amiDistributionConfiguration": {"targetAccountIds": [], "shade": 1, "name": None},
                "launchTemplateConfigurations": None,
                "s3ExportConfiguration": {
                    "roleName": "r",
                    "diskImageFormat": "QCOW2",
                    "s3Bucket": "b",
                    "cold": True,
                },
            }
        ],
    }

    configuration = from_boto3(answer, ibd.DistributionConfiguration)

    assert configuration.tags == {}
    assert configuration.description is None
    (distribution,) = configuration.distributions
    assert distribution.ami_distribution_configuration == ibd.AmiDistributionConfiguration()
    assert distribution.s3_export_configuration is not None
    assert str(distribution.s3_export_configuration.disk_image_format) == "QCOW2"


def test_an_answer_without_distributions_has_none() -> None:
    assert from_boto3({"distributions": None}, ibd.DistributionConfiguration).distributions == ()


def test_an_answer_of_a_wrong_type_is_refused() -> None:
    assert issues_of({"distributions": [{"region": 1}]}, ibd.DistributionConfiguration) == [
        ("distributions[0].region", "type", "must be a str, not 1 (int)")
    ]


def test_only_our_classes_are_converted() -> None:
    with pytest.raises(TypeError, match="from_boto3 makes classes of imagebuilder_dist, not <class 'dict'>"):
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


def test_a_converter_of_theirs_reports_as_cattrs_does() -> None:
    converter = configure_converter(Converter())

    with pytest.raises(ClassValidationError):
        converter.structure({"count": "5", "distribution": {"region": 1}}, Theirs)


def test_a_request_reads_and_writes_its_own_members() -> None:
    document = {
        "name": "x",
        "distributions": [{"region": "us-west-2", "licenseConfigurationArns": ["a"]}],
        "tags": {"a": "b"},
        "dryRun": True,
        "clientToken": "t",
    }

    request = from_boto3(document, ibd.CreateDistributionConfigurationRequest)

    assert request.dry_run is True
    assert to_boto3(request) == document


def test_a_request_with_no_distributions_can_be_read() -> None:
    """
    Whether that is wise is validation's to say.
    """
    document = {"distributionConfigurationArn": ARN, "distributions": []}

    assert to_boto3(from_boto3(document, ibd.UpdateDistributionConfigurationRequest)) == document
