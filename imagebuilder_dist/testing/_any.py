"""
What is equal to anything.
"""

from typing import Any


class _Any:
    """Equal to everything."""

    def __eq__(self, _other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "ANY"


ANY: Any = _Any()
"""Stands for any value in a stub; `unittest.mock.ANY` and `botocore.stub.ANY` do, too."""


def is_any(value: object) -> bool:
    """
    Tell whether *value* stands for any.
    """
    return bool(value == object())
