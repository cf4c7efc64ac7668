"""
What the accounts answer: each question once, however many prerequisites ask it, with a limit on its time.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import attrs
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from imagebuilder_dist._common.text import safe

# Of a policy that an auditing role lacks; EC2 and License Manager have codes of their own.
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError")


class Unanswered(Exception):  # noqa: N818 - a reason, not a failure
    """
    A question that couldn't be answered, and why.
    """


class Absent(Exception):  # noqa: N818 - an answer, not a failure
    """
    The service says that what was asked for doesn't exist.
    """


@attrs.define(eq=False)
class Facts:
    """
    Asks each question once; threads may share it.
    """

    session_of: Callable[[str], Any]
    """Returns the boto3 session of an account, or `None` if there is none."""

    timeout: float
    requests: list[tuple[str, str | None, str]] = attrs.field(factory=list[tuple[str, str | None, str]])
    """Account, Region and operation of every question that was sent."""

    _lock: threading.Lock = attrs.field(factory=threading.Lock)
    _answers: dict[Any, "Future[Any]"] = attrs.field(factory=dict[Any, "Future[Any]"])

    def ask(
        self, account: str, region: str | None, operation: str, *, absent: Iterable[str] = (), **parameters: Any
    ) -> Mapping[str, Any]:
        """
        Return the response to *operation*, for example `iam:get_role`.

        Raises:
            Absent:
                If the service's code is one of *absent*.
            Unanswered:
                If there is no session, the request is denied, or it fails.
        """
        key = (account, region, operation, repr(sorted(parameters.items())))
        answer: Mapping[str, Any] = self._once(key, lambda: self._send(account, region, operation, absent, parameters))
        return answer

    def _once(self, key: object, make: Callable[[], Any]) -> Any:
        with self._lock:
            future = self._answers.get(key)
            mine = future is None
            if future is None:
                future = self._answers[key] = Future()
        if mine:
            try:
                future.set_result(make())
            except Exception as error:  # noqa: BLE001 - raised again to everybody who asks
                future.set_exception(error)
        return future.result()

    def _send(
        self, account: str, region: str | None, operation: str, absent: Iterable[str], parameters: Mapping[str, Any]
    ) -> Any:
        service, _, method = operation.partition(":")
        try:
            client = self._once((account, region, service), lambda: self._client(account, region, service))
            self.requests.append((account, region, operation))
            if client.can_paginate(method):
                return client.get_paginator(method).paginate(**parameters).build_full_result()
            return getattr(client, method)(**parameters)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in absent:
                raise Absent(code) from None
            if code in _DENIED:
                action = f"{service.replace('_', '-')}:{client.meta.method_to_api_mapping[method]}"
                raise Unanswered(f"the session may not call {action}") from None
            raise Unanswered(safe(f"{operation}: {code or error}")) from None
        except (BotoCoreError, NotImplementedError) as error:
            raise Unanswered(safe(f"{operation}: {error}")) from None

    def _client(self, account: str, region: str | None, service: str) -> Any:
        session = self.session_of(account)
        if session is None:
            raise Unanswered(f"there is no session for account {account}")
        config = Config(
            connect_timeout=self.timeout, read_timeout=self.timeout, retries={"mode": "standard", "max_attempts": 4}
        )
        # IAM and Organizations are global; any Region of the partition reaches them.
        return session.client(service, region_name=region or session.region_name or "us-east-1", config=config)
