"""
A world in moto, made once and repaired by each test that breaks it.
"""

import json
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from moto import mock_aws
from moto.iam import models as models_of_moto

from .world import World

models: Any = models_of_moto


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Everything that a build needs."""
    # moto reads all of AWS's managed policies for each account, which takes a second each; two are enough.
    names = ("EC2FastLaunchFullAccess", "Ec2ImageBuilderCrossAccountDistributionAccess")
    policies = {name: policy for name, policy in json.loads(models.aws_managed_policies_data).items() if name in names}
    environment = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch.object(models, "aws_managed_policies_data", json.dumps(policies)),
        mock_aws(config={"iam": {"load_aws_managed_policies": True}}),
    ):
        world = World()
        world.build()
        yield world


@pytest.fixture
def credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner's, in the environment."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
