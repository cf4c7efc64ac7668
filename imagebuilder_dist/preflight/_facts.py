"""
What the accounts answer: each question once, however many prerequisites ask it, and each with a limit on its time.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any

import attrs
from botocore.config import Config
from botocore.exceptions import ClientError

from imagebuilder_dist._shapes.needs import Grant

_ABSENT = {
    *("AWSOrganizationsNotInUseException", "NoSuchBucket", "NoSuchEntity", "NotFoundException"),
    *("OrganizationalUnitNotFoundException", "RepositoryNotFoundException"),
    *("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException"),
    # ECR's and License Manager's for what can't be the name of something.
    *("InvalidParameterException", "InvalidParameterValueException"),
}
_DENIED = {
    *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
    *("AuthorizationException", "ForbiddenException"),  # License Manager's and Image Builder's
}


class Missing(Exception):
    """
    What was looked for is missing: what was seen instead, what to do, and the grants that policies lack.
    """

    def __init__(self, evidence: str, remedy: str, *lacking: Grant) -> None:
        super().__init__(evidence)
        self.remedy, self.lacking = remedy, lacking


class Unknown(Exception):
    """
    It can't be told, and why; *action* is what the session may not call.
    """

    def __init__(self, evidence: str, action: str | None = None) -> None:
        super().__init__(evidence)
        self.action = action


@attrs.define(eq=False)
class Facts:
    """
    Asks each question once; threads may share it.
    """

    session_of: Callable[[str], Any]
    """Returns the session of an account, or `None` if there is none."""

    home: str
    """The Region to ask about what is global."""

    config: Config
    requests: list[str] = attrs.field(init=False, factory=list[str])
    """Every operation that was called."""

    _lock: Any = attrs.field(init=False, factory=Lock)
    _creating: Any = attrs.field(init=False, factory=Lock)
    _answers: dict[Any, "Future[Any]"] = attrs.field(init=False, factory=dict[Any, "Future[Any]"])

    def ask(self, account: str, region: str | None, operation: str, **parameters: Any) -> Any:
        """
        Return the response to *operation*, for example `iam:get_role`; `None` if what it asks for doesn't exist.

        Raises:
            Unknown:
                If there is no session, or the call is denied.
        """
        service, _, method = operation.partition(":")
        if region is None or service in {"iam", "organizations"}:
            region = self.home

        def send() -> Any:
            client = self._once((account, region, service), lambda: self._client(account, region, service))
            try:
                if client.can_paginate(method):
                    return client.get_paginator(method).paginate(**parameters).build_full_result()
                return getattr(client, method)(**parameters)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code in _DENIED and error.operation_name == client.meta.method_to_api_mapping[method]:
                    action = f"{service}:{error.operation_name}"
                    raise Unknown(f"the session may not call {action}", action) from None
                if code in _ABSENT:
                    return None
                raise

        return self._once((account, region, operation, repr(parameters)), send)

    def _once(self, key: object, make: Callable[[], Any]) -> Any:
        with self._lock:
            is_first = key not in self._answers
            future = self._answers.setdefault(key, Future())
        if is_first:
            try:
                future.set_result(make())
            except Exception as error:  # noqa: BLE001 - raised again to everybody who asks
                future.set_exception(error)
        return future.result()

    def _client(self, account: str, region: str | None, service: str) -> Any:
        with self._creating:  # a session isn't thread-safe
            session = self.session_of(account)
            if session is None:
                raise Unknown(f"there is no session for account {account}")
            create = session.client if hasattr(session, "client") else session.create_client
            client = create(service, region_name=region, config=self.config)
        client.meta.events.register("before-parameter-build", self._count)
        return client

    def _count(self, model: Any, **_: Any) -> None:
        self.requests.append(model.name)
