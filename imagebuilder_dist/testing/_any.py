"""
What is equal to anything.
"""

from typing import Any
from unittest import mock

ANY: Any = mock.ANY
"""Stands for any value in a stub; so does `botocore.stub.ANY`."""


def is_any(value: object) -> bool:
    """
    Tell whether *value* stands for any.
    """
    return bool(value == object())
