"""
A plain document is judged in one walk, and then by the rules: every problem at once, and no false one.
"""

from collections import OrderedDict
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist._shapes.validation import judge
from imagebuilder_dist._shapes.walk import shape_of
from tests.documents.samples import places
from tests.samples import ARN, LICENCE, VALUES

from .builders import OTHER, OWNER, everything, found

UPDATE, STORED = ibd.UpdateDistributionConfigurationRequest, ibd.DistributionConfiguration
AMI = "amiDistributionConfiguration"


def judged(*distributions: Any, cls: type[Any] = UPDATE, **members: Any) -> list[tuple[str, str]]:
    name = "arn" if cls is STORED else "distributionConfigurationArn"
    document = {name: ARN, "distributions": [*distributions], **members}
    return [(issue.path.removeprefix("distributions"), issue.rule) for issue in judge(document, cls)]


def test_what_is_wrong_in_one_distribution_hides_nothing_in_another() -> None:
    assert judged(
        {"region": "us-west-2", AMI: {"name": "web", "kmsKey": "alias/web", "description": ""}},
        {"region": "us-west-2", AMI: {"name": 5, "launchPermission": {"userGroups": ["all"]}}},
        {"region": 5, AMI: {"name": "web"}},
        {"region": "us-wets-2", AMI: 5},
        {AMI: {"launchPermission": {"userGroups": ["all"]}}},
        5,
        {"region": "eu-west-1"},
        description="",
    ) == [
        (f"[0].{AMI}.name", "ami-name-build-date"),
        (f"[0].{AMI}.kmsKey", "unknown-member"),
        (f"[0].{AMI}.description", "min"),
        ("[1].region", "region-unique"),
        (f"[1].{AMI}.name", "type"),
        (f"[1].{AMI}.launchPermission.userGroups[0]", "public-ami"),
        ("[2].region", "type"),
        (f"[2].{AMI}.name", "ami-name-build-date"),
        ("[3].region", "region-unknown"),
        (f"[3].{AMI}", "type"),
        (f"[4].{AMI}.launchPermission.userGroups[0]", "public-ami"),
        ("[4].region", "required"),
        ("[5]", "type"),
        ("[6]", "region-output"),
        ("description", "min"),
    ]


TARGET, UNREAD_ACCOUNT = f"{AMI}.targetAccountIds[0]", "ssmParameterConfigurations[0].amiAccountId"
LAUNCH, UNREAD = {"enabled": True, "maxParallelLaunches": 6}, {"parameterName": "/a", "amiAccountId": []}


@pytest.mark.parametrize(
    ("distribution", "where"),
    [
        ({"region": "us-west-2", "amiConfiguration": {}}, "amiConfiguration"),
        ({"region": "us-west-2", "ssmParameterConfigurations": [{}]}, "ssmParameterConfigurations[0].parameterName"),
        ({"region": "us-west-2", AMI: {"kmsKeyId": "aws/ebs", "targetAccountIds": [5]}}, TARGET),
        ({"region": "us-west-2", AMI: {"targetAccountIds": [[]]}, "fastLaunchConfigurations": [LAUNCH]}, TARGET),
        ({"region": "us-west-2", "ssmParameterConfigurations": [UNREAD, {"parameterName": "/a"}]}, UNREAD_ACCOUNT),
        ({"region": [], AMI: {"kmsKeyId": f"arn:aws:kms:us-east-1:{OWNER}:alias/k"}}, "region"),
        ({"region": [], "licenseConfigurationArns": [LICENCE]}, "region"),
        (
            {
                "region": "us-west-2",
                AMI: {"targetAccounts": [OTHER]},
                "ssmParameterConfigurations": [{"parameterName": "/a", "amiAccountId": OTHER}],
            },
            f"{AMI}.targetAccounts",
        ),
        (
            {"region": "us-west-2", "containerDistributionConfiguration": {"targetRepository": {"service": "ECR"}}},
            "containerDistributionConfiguration.targetRepository.repositoryName",
        ),
    ],
)
def test_what_may_only_come_of_a_mistake_elsewhere_is_not_reported(distribution: Any, where: str) -> None:
    """
    An output, a target account or a Region may be what can't be read, or is misspelt.
    """
    elsewhere = {"region": "eu-west-1", AMI: {"targetAccountIds": [OTHER]}}

    assert [path for path, _ in judged(distribution, elsewhere)] == [f"[0].{where}"]


def test_a_stored_configuration_is_judged_leniently_and_by_what_an_update_sends_back() -> None:
    distribution = {"region": "us-west-2", AMI: {"name": "web", "shade": 1, "targetAccountIds": [], "kmsKeyId": None}}
    members = {"name": "?", "tags": {"aws:a": ""}, "hue": None, "depth": 1}

    issues = [(f"[0].{AMI}.name", "ami-name-build-date"), (f"[0].{AMI}.shade", "unmodelled"), ("depth", "unmodelled")]
    assert judged(distribution, cls=STORED, **members) == issues
    assert judged(cls=STORED, arn="x") == [("arn", "pattern"), ("", "empty-distributions")]
    assert found(STORED(arn=ARN, name="?", description="")) == [
        ("description", "min"),
        ("distributions", "empty-distributions"),
    ]


def test_a_configuration_belongs_to_the_owner_in_its_arn() -> None:
    parameters = [{"parameterName": "/a", "amiAccountId": OTHER}]
    distribution = {"region": "us-west-2", "ssmParameterConfigurations": parameters}

    for cls in UPDATE, STORED:
        assert judged(distribution, cls=cls) == [("[0].ssmParameterConfigurations[0].amiAccountId", "ssm-account")]


class Watched:
    """A value that counts how often it was shown."""

    shown = 0

    def __repr__(self) -> str:
        Watched.shown += 1
        return "watched"


def test_a_message_is_made_when_it_is_read() -> None:
    """
    A document may have thousands of issues, and nobody reads most of them.
    """
    issues = judge({"distributionConfigurationArn": ARN, "distributions": [{"region": Watched()}] * 3}, UPDATE)

    assert Watched.shown == 0
    assert [issue.message for issue in issues] == ["must be a string, not watched (Watched)"] * 3
    assert Watched.shown == 3


def subclassed(document: Any) -> Any:
    """Return an equal document whose mappings are of a subclass."""
    if isinstance(document, dict):
        return OrderedDict({key: subclassed(value) for key, value in document.items()})
    return [subclassed(each) for each in document] if isinstance(document, list) else document


@pytest.mark.parametrize("number", range(len([*places(everything())])))
def test_what_is_accepted_at_a_glance_is_what_the_walk_finds_nothing_in(number: int) -> None:
    """
    Only plain dictionaries are accepted at a glance.
    """
    shape = shape_of(UPDATE)
    for value in [*VALUES, "\ud800", [OWNER] * 1537, {1: "a"}]:
        document = everything()
        container, key = [*places(document)][number]
        container[key] = value

        closely, at_a_glance = (
            [(issue.location, issue.rule) for issue in shape.walk(each, ())]
            for each in (subclassed(document), document)
        )

        assert at_a_glance == closely, value


@pytest.mark.parametrize(
    "ids",
    [
        ["1" * 11, "1" * 13],
        ["1" * 13, "1" * 11],
        ["111122223333", "1111,2222333"],
        ["11112222333٣"],
        ["111122223333,"],
        ["111122223333", 111122223333],
        [""],
    ],
)
def test_no_list_of_account_ids_slips_through_because_it_is_judged_as_one_text(ids: list[Any]) -> None:
    assert judged({"region": "us-west-2", AMI: {"targetAccountIds": ids}}) != []
    assert judged({"region": "us-west-2", AMI: {"targetAccountIds": ["111122223333"] * 3}}) == []
