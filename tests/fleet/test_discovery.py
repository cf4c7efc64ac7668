"""
Finding the configurations of many accounts and Regions.
"""

from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import discover
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder
from tests.credential_server import CredentialServer

from .work import REGIONS, ROLE, Inline, stored


def test_the_configurations_of_all_accounts_and_regions_are_found_and_mixed(
    local: LocalImageBuilder, sts: CredentialServer
) -> None:
    stored(local, 30, regions=REGIONS)
    role = ROLE.format("123456789012")

    found = discover([role, None], REGIONS, executor=Inline(), endpoint_url=local.url, external_id="of two")

    assert len(found.targets) == 120
    assert not found.errors
    assert str(found) == "120 configurations"
    assert [(each.role_arn, each.external_id, each.region_name) for each in found.targets[:4]] == [
        (role, "of two", "us-west-2"),
        (role, "of two", "eu-west-1"),
        (None, None, "us-west-2"),
        (None, None, "eu-west-1"),
    ]
    assert {each.endpoint_url for each in found.targets} == {local.url}
    assert sts.asked == ["AssumeRole"]


def test_only_configurations_of_a_name_are_found(local: LocalImageBuilder) -> None:
    targets = stored(local, 3, regions=REGIONS)

    found = discover([None], REGIONS, executor=Inline(), endpoint_url=local.url, name="web 1")

    assert {*found.targets} == {targets[1], targets[4]}


def test_what_cannot_be_listed_is_reported(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile team]\naws_access_key_id = TEAM\naws_secret_access_key = a secret\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    stored(local, 1)

    found = discover(["team", "nobody"], ["us-west-2"], executor=Inline(), endpoint_url=local.url)

    assert [each.profile for each in found.targets] == ["team"]
    assert {key: type(error) for key, error in found.errors.items()} == {
        ("nobody", "us-west-2"): ibd.ConfigurationError
    }
    assert str(found).startswith("1 configuration; not listed: nobody in us-west-2: ")
    assert repr(found) == "<Discovery: 1 configuration, 1 error>"


def test_the_callers_own_account_that_cannot_be_listed_is_reported(local: LocalImageBuilder) -> None:
    local.inject(AnswerError("AccessDeniedException"))

    found = discover([None], ["us-west-2"], executor=Inline(), endpoint_url=local.url)

    assert str(found).startswith("0 configurations; not listed: own account in us-west-2: ")


def test_an_unknown_region_without_configurations_is_reported(local: LocalImageBuilder) -> None:
    """
    A Region that is newer than botocore may well have configurations.
    """
    stored(local, 1, regions=["eu-newer-1"])

    found = discover([None], ["us-wets-2", "eu-newer-1", "eu-west-1"], executor=Inline(), endpoint_url=local.url)

    assert [each.region_name for each in found.targets] == ["eu-newer-1"]
    assert str(found).startswith(
        "1 configuration; not listed: own account in us-wets-2: 'us-wets-2' isn't a Region that botocore knows; "
        "did you mean 'us-west-2'?"
    )


@pytest.mark.parametrize(
    ("accounts", "regions", "expected"),
    [
        ("one", REGIONS, "accounts must be a list of str, not 'one' "),
        (None, REGIONS, "accounts must be a list of str, not None"),
        ([111122223333], REGIONS, "accounts must hold strings, not 111122223333 "),
        (["one"], "us-west-2", "regions must be a list of str, not 'us-west-2' "),
        (["one"], iter(REGIONS), "regions must be a list of str, not <"),
        (["one"], [None], "regions must hold strings, not None"),
    ],
)
def test_what_is_not_a_list_of_names_is_rejected(accounts: Any, regions: Any, expected: str) -> None:
    with pytest.raises(TypeError, match=expected):
        discover(accounts, regions, executor=Inline())


@pytest.mark.parametrize(
    ("accounts", "regions", "expected"),
    [
        ([], REGIONS, "accounts is empty"),
        (["one"], [], "regions is empty"),
        (["arn:aws:iam::fleet"], REGIONS, "accounts must hold role ARNs or profile names, not 'arn:aws"),
    ],
)
def test_what_would_list_nothing_is_rejected(accounts: Any, regions: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        discover(accounts, regions, executor=Inline())
