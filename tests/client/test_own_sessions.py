"""
Clients created by the library share what they have loaded, and each sees the current environment and files.
"""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from botocore.session import get_session

import imagebuilder_dist as ibd

from .signatures import credential_of


def keys_of(access_key: str) -> str:
    return f"aws_access_key_id = {access_key}\naws_secret_access_key = secret\n"


def other_keys(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def other_profile(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setenv("AWS_PROFILE", "other")


def other_region(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


def other_config_file(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "other config").write_text("[default]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "other config"))


def other_config(_: pytest.MonkeyPatch, home: Path) -> None:
    (home / ".aws/config").write_text("[default]\nregion = eu-west-1\n")


def other_credentials(_: pytest.MonkeyPatch, home: Path) -> None:
    (home / ".aws/credentials").write_text(f"[default]\n{keys_of('OTHER')}")


def other_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "elsewhere/.aws").mkdir(parents=True)
    (home / "elsewhere/.aws/config").write_text(f"[default]\nregion = us-west-2\n{keys_of('OTHER')}")
    monkeypatch.setenv("HOME", str(home / "elsewhere"))


def other_model(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    model = copy.deepcopy(get_session().get_service_data("imagebuilder"))
    model["metadata"]["signingName"] = "other"
    (home / "data/imagebuilder/2019-12-02").mkdir(parents=True)
    (home / "data/imagebuilder/2019-12-02/service-2.json").write_text(json.dumps(model))
    monkeypatch.setenv("AWS_DATA_PATH", str(home / "data"))


Change: TypeAlias = Callable[[pytest.MonkeyPatch, Path], None]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (other_keys, ["OTHER", "us-west-2", "imagebuilder"]),
        (other_profile, ["OTHERPROFILE", "us-west-2", "imagebuilder"]),
        (other_region, ["DEFAULT", "eu-west-1", "imagebuilder"]),
        (other_config_file, ["DEFAULT", "eu-west-1", "imagebuilder"]),
        (other_config, ["DEFAULT", "eu-west-1", "imagebuilder"]),
        (other_credentials, ["OTHER", "us-west-2", "imagebuilder"]),
        (other_home, ["OTHER", "us-west-2", "imagebuilder"]),
        (other_model, ["DEFAULT", "us-west-2", "other"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_changes_between_two_clients_is_seen_by_the_second(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Change, expected: list[str]
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default]\nregion = us-west-2\n[profile other]\nregion = us-west-2\n")
    (tmp_path / ".aws/credentials").write_text(f"[default]\n{keys_of('DEFAULT')}[other]\n{keys_of('OTHERPROFILE')}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AWS_CONFIG_FILE")
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")
    first = credential_of(ibd.DistributionConfigurationClient()).split("/")

    change(monkeypatch, tmp_path)
    second = credential_of(ibd.DistributionConfigurationClient()).split("/")

    assert [first[0], *first[2:4]] == ["DEFAULT", "us-west-2", "imagebuilder"]
    assert [second[0], *second[2:4]] == expected


@pytest.mark.usefixtures("_keys")
def test_the_model_is_read_once_and_a_session_made_once_for_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    ibd.DistributionConfigurationClient(region_name="us-west-2")

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("reads a file, or makes a session")

    monkeypatch.setattr(JSONFileLoader, "load_file", fail)
    ibd.DistributionConfigurationClient(region_name="eu-west-1")
    monkeypatch.setattr("botocore.session.get_session", fail)
    ibd.DistributionConfigurationClient(region_name="eu-west-1")


@pytest.mark.usefixtures("_keys")
def test_boto3s_default_session_where_the_program_has_one() -> None:
    boto3.setup_default_session(
        aws_access_key_id="FROMSESSION", aws_secret_access_key="secret", region_name="sa-east-1"
    )

    credential = credential_of(ibd.DistributionConfigurationClient()).split("/")

    assert (credential[0], credential[2]) == ("FROMSESSION", "sa-east-1")


@pytest.mark.usefixtures("_keys")
def test_boto3_is_not_imported_where_the_program_does_not_have_it() -> None:
    code = (
        "import sys, imagebuilder_dist as ibd; ibd.DistributionConfigurationClient(region_name='us-west-2'); "
        "print('boto3' in sys.modules)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"
