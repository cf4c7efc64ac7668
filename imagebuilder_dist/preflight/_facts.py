"""
What the accounts answer: each question once, however many prerequisites ask it, and each with a limit on its time.
"""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from threading import Lock
from typing import Any

import attrs
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from imagebuilder_dist._shapes.needs import Grant

# Parts of the codes of errors. ECR and License Manager call a parameter invalid that can't be the name of something.
_ABSENT = re.compile("NoSuch|NotFound|^InvalidParameter(Value)?Exception")
_DENIED = re.compile("AccessDenied|Unauthorized|Authorization|Forbidden")


@attrs.define
class NotMet(Exception):
    """
    A prerequisite is missing, or, if there is no remedy, it can't be told. The members are those of `Finding`.
    """

    evidence: str
    remedy: str = ""
    lacking: tuple[Grant, ...] = ()
    denied_action: str | None = None


@attrs.define(eq=False)
class Facts:
    """
    Asks each question once; threads may share it.
    """

    session_of: Callable[[str], Any]
    """Returns the session of an account, or `None` if there is none."""

    regions: Mapping[str, str]
    """The Regions of the services that are asked in one Region only."""

    config: Config

    maker: Executor
    """Has one thread, which makes sessions and clients, because a session isn't thread-safe."""

    senders: Executor
    """Sends the requests. It isn't the executor that asks, whose threads all wait for answers."""

    requests: list[str] = attrs.field(init=False, factory=list[str])
    """The actions that were called."""

    _lock: Any = attrs.field(init=False, factory=Lock)
    _answers: dict[Any, "Future[Any]"] = attrs.field(init=False, factory=dict[Any, "Future[Any]"])

    def ask(self, account: str, region: str, action: str, **parameters: Any) -> Any:
        """
        Return the response to *action*, for example `iam:GetRole`; `None` if what it asks for doesn't exist.

        Raises:
            NotMet:
                If there is no session, or the call is denied.
        """
        service = action.partition(":")[0]
        region = self.regions.get(service, region)
        session = self._once(account, self.maker, self.session_of, account)
        if session is None:
            raise NotMet(f"there is no session for account {account}")
        client = self._once((account, region, service), self.maker, self._client, session, service, region)
        question = (account, region, action, repr(parameters))
        return self._once(question, self.senders, self._send, client, action, parameters)

    def _once(self, key: object, executor: Executor, find: Callable[..., Any], *arguments: Any) -> Any:
        # Only the question is under the lock, so that an answer that takes seconds holds up nobody else.
        with self._lock:
            if key not in self._answers:
                self._answers[key] = executor.submit(find, *arguments)
        return self._answers[key].result()

    def _client(self, session: Any, service: str, region: str) -> Any:
        create = session.client if hasattr(session, "client") else session.create_client
        return create(service, region_name=region, config=self.config)

    def _send(self, client: Any, action: str, parameters: Any) -> Any:
        self.requests.append(action)
        operation = action.partition(":")[2]
        method = xform_name(operation)
        try:
            if client.can_paginate(method):
                return client.get_paginator(method).paginate(**parameters).build_full_result()
            return getattr(client, method)(**parameters)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            # Assuming the role may be denied, too, which is another operation.
            if _DENIED.search(code) and error.operation_name == operation:
                raise NotMet(f"the session may not call {action}", denied_action=action) from None
            if _ABSENT.search(code):
                return None
            raise
