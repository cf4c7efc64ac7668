"""
Helpers of the converter's tests.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import from_boto3


def issues_of(document: Any, cls: type[Any] = ibd.Distribution) -> list[tuple[str, str, str]]:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3(document, cls)
    return [(issue.path, issue.rule, issue.message) for issue in caught.value.issues]


def deep() -> Any:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    return value
