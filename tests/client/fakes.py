"""
A fake client that isn't boto3's, for responses that botocore would never return.
"""

from typing import Any


class Fake:
    """A client without events, like one in a user's tests; it can return what botocore's parser never would."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.calls: list[dict[str, Any]] = []

    def get_distribution_configuration(self, **parameters: Any) -> Any:
        self.calls.append(parameters)
        return self.response

    update_distribution_configuration = get_distribution_configuration
