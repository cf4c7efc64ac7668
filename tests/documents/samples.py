"""
Helpers of several test files here.
"""

from typing import Any

import pytest
import yaml

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.samples import EVERYTHING

CREATE = ibd.CreateDistributionConfigurationRequest(
    name="web", distributions=[EVERYTHING], description="Web", tags={"team": "web"}, client_token="t"
)


def as_yaml(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def issues_of(text: str | bytes, **options: Any) -> list[str]:
    """Return the issues of a text, without its name."""
    with pytest.raises(documents.DocumentError) as caught:
        documents.loads(text, **options)
    return [line.removeprefix("<text>:") for line in str(caught.value).splitlines()]


def ami_of(text: str, **options: Any) -> ibd.AmiDistributionConfiguration:
    """Return the AMI configuration of a text that holds one distribution, or a template."""
    ami = documents.loads(text, validate=False, **options).distributions[0].ami_distribution_configuration
    assert ami
    return ami
