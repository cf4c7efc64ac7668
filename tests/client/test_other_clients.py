"""
Clients that other projects wrote.
"""

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import CORPUS, request_document

# Looked up once, before any test changes the environment; a version manager's shim can be there and not work.
AWS = shutil.which("aws")
WORKS = AWS is not None and subprocess.run([AWS, "--version"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not WORKS, reason="the AWS CLI isn't installed")
def test_the_aws_cli_updates_and_reads_back(local: LocalImageBuilder) -> None:
    def aws(*arguments: str) -> dict[str, Any]:
        command = [str(AWS), "imagebuilder", *arguments, "--endpoint-url", local.url, "--output", "json"]
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **credentials, "AWS_DEFAULT_REGION": "us-west-2", "AWS_PAGER": ""},
        )
        assert result.returncode == 0, result.stderr
        parsed: dict[str, Any] = json.loads(result.stdout)
        return parsed

    for name in ("001-awscli-create.json", "002-awscli-update.json"):
        operation = name.removesuffix(".json").rsplit("-", 1)[1]
        document = CORPUS / "requests" / name
        response = aws(f"{operation}-distribution-configuration", "--cli-input-json", f"file://{document}")
    arn = response["distributionConfigurationArn"]
    stored = aws("get-distribution-configuration", "--distribution-configuration-arn", arn)
    listed = aws("list-distribution-configurations")

    expected = request_document("002-awscli-update.json")
    assert arn == expected["distributionConfigurationArn"]
    assert stored["distributionConfiguration"]["distributions"] == expected["distributions"]
    assert stored["distributionConfiguration"]["description"] == expected["description"]
    assert [each["arn"] for each in listed["distributionConfigurationSummaryList"]] == [arn]
