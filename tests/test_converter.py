import json
import pickle
import threading
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from botocore.validate import ParamValidator
from cattrs import ClassValidationError, Converter
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import configure_converter, from_boto3, to_boto3
from imagebuilder_dist._converter import RESULTS
from imagebuilder_dist.testing import AnswerNotJson, LocalImageBuilder, strategies

from .shapes import ARN, EVERYTHING, structure

REQUEST = ibd.UpdateDistributionConfigurationRequest


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
        ("fastLaunchConfigurations[0].enabled", "required", "is missing, and required"),
        (
            "fastLaunchConfigurations[2]",
            "type",
            "must be a dict that describes a FastLaunchConfiguration, not 5 (int)",
        ),
        ("region", "type", "must be a str, not 5 (int)"),
        (
            "amiDistributionConfiguration.tags",
            "unknown-member",
            "is not a member of AmiDistributionConfiguration; did you mean 'amiTags'?",
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
            "is missing, and required",
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

    assert messages == [f"is not a member of {cls.__name__}; {hint}"]


def test_of_many_unknown_keys_the_first_get_a_hint() -> None:
    """
    Each takes a while to look for, so a document with any number of them would take any time.
    """
    document = {"distributions": [{f"regionn{n}": 1 for n in range(15)}] * 2}

    hints = [message for _, rule, message in issues_of(document, REQUEST) if rule == "unknown-member"]

    assert ["did you mean 'region'?" in hint for hint in hints] == [True] * 20 + [False] * 10
    assert hints[-1] == "is not a member of Distribution"


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


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("region", "must be a str, not <an integer of 16610 bits> (int)"),
        ("licenseConfigurationArns", "must be a list of str, not <an integer of 16610 bits> (int)"),
        (
            "amiDistributionConfiguration",
            "must be a dict that describes an AmiDistributionConfiguration, not <an integer of 16610 bits> (int)",
        ),
    ],
)
def test_a_number_that_python_does_not_write_is_described(key: str, message: str) -> None:
    """
    The text of an integer of more than 4,300 digits is a `ValueError`.
    """
    assert issues_of({"region": "r", key: 10**5000}) == [(key, "type", message)]


def test_a_long_number_is_short_in_every_message() -> None:
    long: Any = 10**5000
    document = {"region": "r", "licenseConfigurationArns": [[long]], "amiDistributionConfiguration": {long: {}}}

    assert issues_of(document) == [
        ("licenseConfigurationArns[0]", "type", "must be a str, not [<an integer of 16610 bits>] (list)"),
        (
            "amiDistributionConfiguration[<an integer of 16610 bits>]",
            "unknown-member",
            "is not a member of AmiDistributionConfiguration; "
            "it has name, description, targetAccountIds, amiTags, kmsKeyId, launchPermission",
        ),
    ]
    with pytest.raises(TypeError, match="region must be a str, not <an integer of 16610 bits>"):
        ibd.Distribution(region=long)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("amiTags", "amiTags"),
        ("a b_c.d:/=+-@1", "a b_c.d:/=+-@1"),
        ("a\nERROR b", r"['a\nERROR b']"),
        ("\x1b[31m", r"['\x1b[31m']"),
        ("größe", "['größe']"),
        ("\u202egnp.exe", r"['\u202egnp.exe']"),
        ("a\u2028b", r"['a\u2028b']"),
        ("\ud800", r"['\ud800']"),
        ("[0]", "['[0]']"),
        ("", "['']"),
        ("x\n" + "y" * 1000, None),
        (3, "[3]"),
        (None, "[None]"),
        (("a", "\n"), r"[('a', '\n')]"),
    ],
)
def test_a_key_is_shown_escaped_unless_it_is_plain(key: Any, path: str | None) -> None:
    (shown, rule, _) = next(issue for issue in issues_of({"region": "r", key: 1}))

    assert rule == "unknown-member"
    assert shown == path if path is not None else len(shown) < 140


class Loud:
    """What shows itself over several lines, in colour."""

    def __repr__(self) -> str:
        return "first\nsecond \x1b[31m"


@pytest.mark.parametrize("value", [Loud(), [Loud()], {"a": Loud()}, "\n\u2028", ["\u202e"], b"\n"])
def test_a_value_is_shown_on_one_line(value: Any) -> None:
    wrong_type: Any = 1
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"region": value, "licenseConfigurationArns": [{"a": value}]}, ibd.Distribution)
    with pytest.raises(TypeError) as wrong:
        ibd.LaunchPermissionConfiguration(user_ids=[value, wrong_type])

    lines = str(caught.value).split("\n")
    assert [line for line in [*lines, str(wrong.value)] if not line.isprintable()] == []
    assert len(lines) == 1 + len(caught.value.issues)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), st.text(max_size=5))
def test_an_error_has_a_line_for_each_issue(extra: dict[str, str], value: str) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3(
            {**extra, "amiDistributionConfiguration": {value: {value: value}, "amiTags": value}}, ibd.Distribution
        )

    lines = str(caught.value).split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    assert len(lines) == 1 + len(caught.value.issues)


def test_what_cattrs_says_is_not_shown_beside() -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"a\nb": 1}, ibd.Distribution)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_issue_carries_the_value() -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"region": 5, "x": "y"}, ibd.Distribution)

    assert [issue.value for issue in caught.value.issues] == [5, "y"]
    assert {issue.severity for issue in caught.value.issues} == {"error"}


def test_an_answer_is_read_leniently_all_the_way_down() -> None:
    answer: dict[str, Any] = {
        "arn": ARN,
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
    assert from_boto3({"arn": ARN, "distributions": None}, ibd.DistributionConfiguration).distributions == ()


def test_an_answer_of_a_wrong_type_is_refused() -> None:
    assert issues_of({"arn": ARN, "distributions": [{"region": 1}]}, ibd.DistributionConfiguration) == [
        ("distributions[0].region", "type", "must be a str, not 1 (int)")
    ]


def deep() -> Any:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "pickled"),
    [
        (5, 5),
        ({"a": [None]}, {"a": [None]}),
        (EVERYTHING, EVERYTHING),
        (10**5000, 10**5000),
        (threading.Lock(), "<lock>"),
        (lambda: 0, "<function>"),
        (deep(), "<list>"),
    ],
    ids=["a number", "a document", "a model", "a long number", "a lock", "a function", "a deep list"],
)
def test_an_issue_pickles_whatever_its_value(value: object, pickled: object) -> None:
    """
    Errors come back from worker processes.
    """
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"region": value}, ibd.Distribution)

    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own

    (issue,) = caught.value.issues
    assert error.issues == (attrs.evolve(issue, value=pickled),)
    assert str(error) == str(caught.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(10**5000, "<int>"), ([10**5000], "<list>"), (deep(), "<list>"), ("\n", r"'\n'"), (None, "None")],
    ids=["a long number", "one in a list", "a deep list", "a string", "nothing"],
)
def test_an_issue_can_be_shown_whatever_its_value(value: object, shown: str) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"new": value}, ibd.AmiDistributionConfiguration)

    assert repr(caught.value.issues[0]).endswith(f"value={shown})")


CONFIGURATION: dict[str, Any] = {"arn": ARN, "distributions": [to_boto3(EVERYTHING)], "timeoutMinutes": 720}


@pytest.fixture(params=["own", "passed in"])
def client(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder, boto3_client: Any
) -> ibd.DistributionConfigurationClient:
    if request.param == "passed in":
        return ibd.DistributionConfigurationClient(boto3_client)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return ibd.DistributionConfigurationClient(endpoint_url=local.url, region_name="us-west-2")


def answer(local: LocalImageBuilder, configuration: Any) -> None:
    body = json.dumps({"requestId": "r", "distributionConfiguration": configuration}).encode()
    local.inject(AnswerNotJson(body), times=10)


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"name": 5}, "name (type)"),
        ({"distributions": ""}, "distributions (type)"),
        ({"distributions": {}}, "distributions (type)"),
        ({"distributions": [{"amiDistributionConfiguration": {}}]}, "distributions[0].region (required)"),
        ({"distributions": [{"region": "r", "launchTemplateConfigurations": {}}]}, "distributions[0]."),
        ({"distributions": [{"region": "r", "amiDistributionConfiguration": "x"}]}, ""),
        ({"distributions": [None]}, "distributions[0] (type)"),
        ({"distributions": ["x"]}, ""),
        ({"tags": ["a"]}, ""),
        ({"tags": {"a\nb": 1}}, r"tags['a\nb'] (type)"),
    ],
)
def test_a_configuration_of_another_shape_is_an_error_of_the_response(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient, members: dict[str, Any], wrong: str
) -> None:
    answer(local, {**CONFIGURATION, **members})

    with pytest.raises(ibd.ResponseError) as caught:
        client.get_distribution_configuration(ARN)

    assert wrong in str(caught.value)


def test_a_configuration_with_more_than_is_known_is_read(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient
) -> None:
    answer(local, {**CONFIGURATION, "distributions": [{**to_boto3(EVERYTHING), "new\n": 1}], "hue": "blue"})

    stored = client.get_distribution_configuration(ARN)

    assert stored.distributions == (EVERYTHING,)
    assert stored.unmodelled == (r"distributions[0]['new\n']", "hue")


@pytest.mark.parametrize(
    "document",
    [
        {"name": 5},
        {"timeoutMinutes": float("inf")},
        {"distributions": ""},
        {"distributions": {}},
        {"distributions": ["x", None]},
        {"distributions": [{}]},
        {"distributions": [{"region": "us-west-2", "amiDistributionConfiguration": "x"}]},
        {"distributions": [{"region": "us-west-2", "amiDistributionConfiguration": []}]},
        {"tags": 5},
        {"tags": []},
    ],
)
def test_a_response_of_another_shape_is_not_read(document: dict[str, Any]) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({**CONFIGURATION, **document}, ibd.DistributionConfiguration)

    assert [issue.location[0] for issue in caught.value.issues] == [*document] * len(caught.value.issues)


@pytest.mark.parametrize("cls", RESULTS, ids=lambda cls: cls.__name__)
def test_what_is_not_an_object_is_not_read(cls: type[Any]) -> None:
    with pytest.raises(ibd.ValidationError, match=r"must be a dict that describes an? \w+, not 'x' \(str\)"):
        from_boto3("x", cls)


def test_a_whole_response_of_a_get_is_read() -> None:
    metadata = {"RequestId": "of the headers", "HTTPStatusCode": 200}

    read = from_boto3(
        {"requestId": "an id", "distributionConfiguration": CONFIGURATION, "ResponseMetadata": metadata},
        ibd.DistributionConfiguration,
    )

    assert read == ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING], timeout_minutes=720)
    assert read.request_id == "an id"


def test_the_request_id_of_a_whole_response_may_be_in_its_metadata() -> None:
    metadata = {"RequestId": "an id", "HTTPStatusCode": 200}

    got = from_boto3(
        {"distributionConfiguration": CONFIGURATION, "ResponseMetadata": metadata}, ibd.DistributionConfiguration
    )
    tagged = from_boto3({"ResponseMetadata": metadata}, ibd.TagResourceResult)

    assert got.request_id == "an id"
    assert tagged.request_id == "an id"


@pytest.mark.parametrize("cls", RESULTS, ids=lambda cls: cls.__name__)
def test_an_object_without_a_single_known_member_is_not_read(cls: type[Any]) -> None:
    with pytest.raises(ibd.ValidationError, match=f"is not an? {cls.__name__}: it has none of ") as caught:
        from_boto3({"foo": 1}, cls)

    assert [(issue.path, issue.rule) for issue in caught.value.issues] == [("", "unknown-member")]


def test_what_is_wrong_in_a_whole_response_is_found_where_it_stands() -> None:
    response: dict[str, Any] = {"requestId": "an id", "distributionConfiguration": {"distributions": [{"region": 3}]}}

    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3(response, ibd.DistributionConfiguration)
    with pytest.raises(ibd.ValidationError) as other:
        from_boto3({"distributionConfiguration": {"foo": 1}}, ibd.DistributionConfiguration)

    assert [(issue.path, issue.location) for issue in caught.value.issues] == [
        (
            "distributionConfiguration.distributions[0].region",
            ("distributionConfiguration", "distributions", 0, "region"),
        ),
        ("distributionConfiguration.arn", ("distributionConfiguration", "arn")),
    ]
    assert [(issue.path, issue.rule) for issue in other.value.issues] == [
        ("distributionConfiguration", "unknown-member")
    ]


def test_what_a_response_holds_beside_is_unmodelled() -> None:
    read = from_boto3({"distributionConfiguration": {**CONFIGURATION, "hue": "blue"}}, ibd.DistributionConfiguration)

    assert read.unmodelled == ("hue",)


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
