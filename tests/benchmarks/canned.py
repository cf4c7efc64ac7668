"""
HTTP faked just below botocore, through its public `before-send` event: the same for every case.
"""

import json
from collections.abc import Iterator
from typing import Any

import attrs
import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.benchmarks.workloads import ARN, Document

# Without a client token: each call makes one of its own, and one that differs would be rejected.
UPDATED: Document = {
    "requestId": "11111111-2222-3333-4444-555555555555",
    "distributionConfigurationArn": ARN,
}


def stored(distributions: list[Document]) -> Document:
    """The response of a get."""
    return {
        "requestId": "11111111-2222-3333-4444-555555555555",
        "distributionConfiguration": {
            "arn": ARN,
            "name": "web",
            "description": "Web servers",
            "distributions": distributions,
            "timeoutMinutes": 720,
            "dateCreated": "2026-09-09T19:37:37.231Z",
            "dateUpdated": "2026-09-10T08:00:00.000Z",
            "tags": {"team": "web"},
        },
    }


@attrs.frozen
class _Body:
    """A body on its way, as urllib3 hands it to botocore."""

    content: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.content


@attrs.define
class Canned:
    """A session whose clients get an answer to updates and to gets, and send nothing."""

    distributions: list[Document]
    session: Any = attrs.field(factory=boto3.Session)
    sent: Any = None
    """The body of the last request."""

    def __attrs_post_init__(self) -> None:
        self._answer("UpdateDistributionConfiguration", UPDATED)
        self._answer("GetDistributionConfiguration", stored(self.distributions))

    def boto3_client(self) -> Any:
        return self.session.client("imagebuilder", region_name="us-west-2")

    def _answer(self, operation: str, answer: Document) -> None:
        body = json.dumps(answer).encode()
        headers: Any = {"Content-Type": "application/json", "Content-Length": str(len(body))}

        def respond(request: AWSPreparedRequest, **_: object) -> AWSResponse:
            self.sent = request.body
            return AWSResponse(request.url, 200, headers, _Body(body))

        self.session.events.register(f"before-send.imagebuilder.{operation}", respond)
