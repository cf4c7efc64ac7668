"""
The same distributions in troposphere, which writes CloudFormation: other member names, types checked and no more.
"""

from collections.abc import Callable
from typing import Any

from troposphere.imagebuilder import Distribution

from tests.benchmarks.workloads import Document

# CloudFormation has no S3 export.
LACKS = frozenset({"s3ExportConfiguration"})

_TO_CLOUDFORMATION = {"launchPermission": "LaunchPermissionConfiguration"}
_TO_BOTO3 = {name: member for member, name in _TO_CLOUDFORMATION.items()}
_TAGS = {"amiTags", "AmiTags"}


def prepare(document: Document) -> Document:
    """Write *document* as a user of CloudFormation would have done."""
    return {
        _TO_CLOUDFORMATION.get(key, key[0].upper() + key[1:]): value if key in _TAGS else _each(value, prepare)
        for key, value in document.items()
        if key not in LACKS
    }


def build(document: Document) -> Distribution:
    return Distribution.from_dict("", document)


def dump(distribution: Distribution) -> Document:
    return _to_boto3(distribution.to_dict())


def _to_boto3(document: Document) -> Document:
    return {
        _TO_BOTO3.get(key, key[0].lower() + key[1:]): value if key in _TAGS else _each(value, _to_boto3)
        for key, value in document.items()
    }


def _each(value: Any, translate: Callable[[Document], Document]) -> Any:
    if isinstance(value, dict):
        return translate(value)
    if isinstance(value, list) and isinstance(value[0], dict):
        return [translate(item) for item in value]
    return value
