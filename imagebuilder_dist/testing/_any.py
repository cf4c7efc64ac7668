"""
A value that is equal to anything.
"""

from typing import Any
from unittest import mock

ANY: Any = mock.ANY
"""Matches any value in a stub, like `botocore.stub.ANY`."""


def is_any(value: object) -> bool:
    """
    Return whether *value* is equal to anything.
    """
    return bool(value == object())
