"""
What every test shares.
"""

import copyreg
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import coverage
import pytest
import trustme
from botocore.stub import Stubber
from hypothesis import HealthCheck, settings

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder

# A deadline and the check for slow examples judge the machine, which may be busy with other things.
pytest_plugins = ["pytester"]

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time, so that a change isn't stopped by what it didn't touch.
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if "CI" in os.environ else "here")


def pytest_sessionfinish() -> None:
    """
    pytest-xdist kills a worker that is slow to end, and then what it has covered would be lost.
    """
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.save()


@pytest.fixture(autouse=True)
def _long_tests_are_not_measured(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    It would take half as long again, and what they cover, other tests do.
    """
    measuring = coverage.Coverage.current()
    if measuring is None or request.node.get_closest_marker("long") is None:
        yield
        return
    measuring.stop()
    with mock.patch.dict(os.environ):
        for name in [each for each in os.environ if each.startswith("COVERAGE_")]:
            del os.environ[name]  # which measures processes
        yield
    with warnings.catch_warnings(action="ignore"):  # what is measured has been imported by now
        measuring.start()


@pytest.fixture(autouse=True)
def _no_aws_setup(tmp_path: Path) -> Iterator[None]:
    """
    No test sees the developer's AWS set-up, nor boto3's default session of another one, and none looks for an
    instance's credentials. What a test, or a page that it runs, puts into the environment is gone after it.
    """
    # Not monkeypatch, which would be undone after this: it is for what a test changes in turn.
    with mock.patch.dict(os.environ), mock.patch.object(boto3, "DEFAULT_SESSION", None):
        for name in [*os.environ]:
            if name.startswith("AWS_"):
                del os.environ[name]
        os.environ["AWS_CONFIG_FILE"] = str(tmp_path / "no-config")
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(tmp_path / "no-credentials")
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        yield


@pytest.fixture(autouse=True)
def _own_pickles() -> Iterator[None]:
    """
    Whoever imports Dask has pickle add what exceptions hide on purpose, in this process and for good.
    """
    before = dict(copyreg.dispatch_table)
    yield
    copyreg.dispatch_table.clear()
    copyreg.dispatch_table.update(before)


@pytest.fixture(scope="session")
def session() -> Any:
    """One boto3 session for all tests: it keeps what it has loaded."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-west-2")


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """What the tests' servers have their certificates of."""
    return trustme.CA()


@pytest.fixture
def local(imagebuilder_dist_local: LocalImageBuilder) -> LocalImageBuilder:
    """The test kit's local Image Builder, listening."""
    imagebuilder_dist_local.start()
    return imagebuilder_dist_local


@pytest.fixture
def boto3_client(session: Any, local: LocalImageBuilder) -> Iterator[Any]:
    """A boto3 client that talks to the local endpoint over a socket."""
    client = session.client("imagebuilder", endpoint_url=local.url)
    yield client
    client.close()


@pytest.fixture
def stubber(boto3_client: Any) -> Iterator[Stubber]:
    with Stubber(boto3_client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def client(boto3_client: Any) -> ibd.DistributionConfigurationClient:
    """A client over `boto3_client`, whose retries don't wait."""
    return ibd.DistributionConfigurationClient(boto3_client, retries=ibd.Retries(sleep=lambda _: None))


@pytest.fixture
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FROMENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
