"""
A document is read strictly: every problem at once, and nothing is coerced.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import from_boto3

from .documents import issues_of


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
    found = [issue for issue in issues_of({key: 1}, cls) if issue[0] == key]

    # What is in it is judged as that of the member that was meant.
    assert found[0] == (key, "unknown-member", f"is not a member of {cls.__name__}; {hint}")
    assert [rule for _, rule, _ in found[1:]] == (["type"] if "did you mean" in hint else [])


LONE = "must be a list of strings, not '123456789012' (string); wrap it in a list: [...]"
DICT = "must be a mapping of strings to strings, not "


@pytest.mark.parametrize(
    ("cls", "document", "message"),
    [
        *(
            (ibd.FastLaunchConfiguration, {"enabled": value}, f"must be a boolean, not {shown}")
            for value, shown in (("true", "'true' (string)"), (1, "1 (integer)"), (None, "None"))
        ),
        *(
            (ibd.FastLaunchSnapshotConfiguration, {"targetResourceCount": value}, f"must be an integer, not {shown}")
            for value, shown in (("7", "'7' (string)"), (7.0, "7.0 (number)"), (True, "True (boolean)"))
        ),
        (ibd.LaunchPermissionConfiguration, {"userIds": "123456789012"}, LONE),
        *(
            (ibd.AmiDistributionConfiguration, {"amiTags": value}, f"{DICT}{shown}")
            for value, shown in ((["a"], "['a'] (list)"), ("a", "'a' (string)"), (1, "1 (integer)"))
        ),
    ],
)
def test_nothing_is_coerced(cls: type[Any], document: dict[str, Any], message: str) -> None:
    assert issues_of(document, cls) == [(next(iter(document)), "type", message)]


def test_a_lone_mapping_is_not_a_list() -> None:
    """
    In YAML, the dash is missing.
    """
    document = {"name": "web", "distributions": {"region": "us-west-2"}}

    ((path, rule, message),) = issues_of(document, ibd.CreateDistributionConfigurationRequest)

    assert (path, rule) == ("distributions", "type")
    assert message.endswith("; wrap it in a list: [...]")


def test_a_list_that_the_service_takes_empty_equals_an_absent_one() -> None:
    document = {"region": "us-west-2", "ssmParameterConfigurations": []}

    assert from_boto3(document, ibd.Distribution) == ibd.Distribution(region="us-west-2")


def test_a_document_that_is_not_a_dict_has_one_issue_without_a_path() -> None:
    assert issues_of([]) == [("", "type", "must be a mapping that describes a Distribution, not [] (list)")]
    with pytest.raises(ibd.ValidationError, match=r"^1 problem:\n  must be a mapping"):
        from_boto3([], ibd.Distribution)
