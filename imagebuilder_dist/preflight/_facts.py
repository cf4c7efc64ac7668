"""
What the accounts answer: each question once, however many prerequisites ask it, and each with a limit on its time.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
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


class NotMet(Exception):
    """
    A prerequisite is missing, or it can't be told: what was seen, and the other members of the `Finding`.
    """

    def __init__(self, evidence: str, **members: Any) -> None:
        super().__init__(evidence)
        self.members = members


def missing(evidence: str, remedy: str, *lacking: Grant) -> NotMet:
    """
    Return the error for what is missing: what was seen instead, what to do, and the grants that policies lack.
    """
    return NotMet(evidence, status="missing", remedy=remedy, lacking=lacking)


def unknown(reason: str, denied_action: str | None = None) -> NotMet:
    """
    Return the error for what can't be told, and why.
    """
    return NotMet(reason, status="unknown", denied_action=denied_action)


@attrs.define(eq=False)
class Facts:
    """
    Asks each question once; threads may share it.
    """

    session_of: Callable[[str], Any]
    """Returns the session of an account, or `None` if there is none. It is called by one thread at a time."""

    regions: Mapping[str, str]
    """The Regions of the services that are asked in one Region only."""

    config: Config
    senders: Executor
    """Sends the requests. It isn't the executor that asks, whose threads all wait for answers."""

    requests: list[str] = attrs.field(init=False, factory=list[str])
    """The operations that were called."""

    _lock: Any = attrs.field(init=False, factory=Lock)
    _creating: Any = attrs.field(init=False, factory=Lock)
    _answers: dict[Any, "Future[Any]"] = attrs.field(init=False, factory=dict[Any, "Future[Any]"])

    def ask(self, account: str, region: str, operation: str, **parameters: Any) -> Any:
        """
        Return the response to *operation*, for example `iam:get_role`; `None` if what it asks for doesn't exist.

        Raises:
            NotMet:
                If there is no session, or the call is denied.
        """
        service, _, method = operation.partition(":")
        region = self.regions.get(service, region)
        session = self._once(account, self._session, account)
        if session is None:
            raise unknown(f"there is no session for account {account}")
        client = self._once((account, region, service), self._client, session, region, service)
        question = (account, region, operation, repr(parameters))
        return self._once(question, self._send, client, service, method, parameters)

    def _once(self, key: object, find: Callable[..., Any], *arguments: Any) -> Any:
        with self._lock:
            if key not in self._answers:
                self._answers[key] = self.senders.submit(find, *arguments)
        return self._answers[key].result()

    def _session(self, account: str) -> Any:
        with self._creating:
            return self.session_of(account)

    def _client(self, session: Any, region: str, service: str) -> Any:
        create = session.client if hasattr(session, "client") else session.create_client
        with self._creating:  # a session isn't thread-safe
            return create(service, region_name=region, config=self.config)

    def _send(self, client: Any, service: str, method: str, parameters: Any) -> Any:
        self.requests.append(method)
        try:
            if client.can_paginate(method):
                return client.get_paginator(method).paginate(**parameters).build_full_result()
            return getattr(client, method)(**parameters)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            # Assuming the role may be denied, too, which is another operation.
            if code in _DENIED and error.operation_name == client.meta.method_to_api_mapping[method]:
                action = f"{service}:{error.operation_name}"
                raise unknown(f"the session may not call {action}", action) from None
            if code in _ABSENT:
                return None
            raise
