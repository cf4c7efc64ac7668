"""
The local Security Token Service: credentials for the roles of any account, which end.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist.testing._checks import RejectionError
from imagebuilder_dist.testing._requests import ReceivedRequest, make_access_key_id

_ROLE = re.compile(r"arn:([\w-]+):iam::([0-9]{12}):role/(?:.*/)?([^/]+)")
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_DURATIONS = range(900, 43_201)
_VALIDATION = "RoleArn, RoleSessionName or DurationSeconds (900 to 43200) is missing or not valid."


class Sts:
    """
    AssumeRole, for every role that there could be, and GetCallerIdentity.

    Args:
        clock: Returns the time in seconds, by which sessions end.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # By access key id: the ARN of the session, and when it ends.
        self._sessions: dict[str, tuple[str, float]] = {}
        self.operations: Mapping[str, Callable[[ReceivedRequest], Any]] = {
            "AssumeRole": self._assume_role,
            "GetCallerIdentity": self._get_caller_identity,
        }

    def check(self, request: ReceivedRequest) -> None:
        """
        Reject a request that is signed with credentials that have ended.
        """
        _, end = self._sessions.get(request.access_key_id, ("", None))
        if end is not None and self._clock() >= end:
            code = "ExpiredToken" if request.service == "sts" else "ExpiredTokenException"
            raise RejectionError(code, "The security token included in the request is expired", 403)

    def run(self, operation: str, request: ReceivedRequest, request_id: str) -> str:
        """
        Run an operation, and return the body of the response.
        """
        result = {f"{operation}Result": self.operations[operation](request)}
        return to_xml({f"{operation}Response": {**result, "ResponseMetadata": {"RequestId": request_id}}})

    def _assume_role(self, request: ReceivedRequest) -> Any:
        role_arn, name = (str(request.parameters.get(each, "")) for each in ("RoleArn", "RoleSessionName"))
        role, seconds = _ROLE.fullmatch(role_arn), str(request.parameters.get("DurationSeconds", 3600))
        if role is None or not _NAME.fullmatch(name) or not seconds.isdecimal() or int(seconds) not in _DURATIONS:
            raise RejectionError("ValidationError", _VALIDATION)
        partition, account_id, role_name = role.groups()
        arn = f"arn:{partition}:sts::{account_id}:assumed-role/{role_name}/{name}"
        key_id = make_access_key_id(account_id)
        self._sessions[key_id] = arn, self._clock() + int(seconds)
        end = datetime.now(UTC) + timedelta(seconds=int(seconds))
        credentials = {
            "AccessKeyId": key_id,
            "SecretAccessKey": "local",
            "SessionToken": "local",
            "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return {"Credentials": credentials, "AssumedRoleUser": {"AssumedRoleId": f"{key_id}:{name}", "Arn": arn}}

    def _get_caller_identity(self, request: ReceivedRequest) -> Any:
        user = f"arn:aws:iam::{request.account_id}:user/{request.access_key_id}"
        arn, _ = self._sessions.get(request.access_key_id, (user, 0))
        return {"Arn": arn, "UserId": request.access_key_id, "Account": request.account_id}


def to_xml(value: object) -> str:
    """
    Return XML: an element for each member of a mapping.
    """
    if is_mapping(value):
        return "".join(f"<{name}>{to_xml(content)}</{name}>" for name, content in value.items())
    return escape(str(value))
