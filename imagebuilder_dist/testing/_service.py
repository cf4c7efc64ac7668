"""
The local Image Builder: one function from a request to a reply, and the configurations that it keeps.
"""

import base64
import binascii
import hashlib
import json
import re
import threading
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qs, unquote

import attrs
from botocore.model import OperationModel, ServiceModel, StructureShape
from botocore.session import Session

from imagebuilder_dist.testing._checks import Json, Problem, model_problems, rule_problems

MAX_CONFIGURATIONS = 1000
MAX_TAGS = 50
MAX_TOKENS = 10_000
"""How many client tokens are remembered for each Region."""

DEFAULT_PAGE_SIZE = 25
_SCOPE = re.compile(r"Credential=([^/]+)/[0-9]+/([^/]+)/imagebuilder/")
_ARN_PARTS = 6
_ACCOUNT_ID = re.compile("[0-9]{12}")


@attrs.frozen
class Reply:
    """
    An HTTP response.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    applied: bool = False
    """Whether the operation ran and wrote; false for reads, rejected requests and retries of an earlier write."""

    length: int | None = None
    """The `Content-Length`, if it isn't the body's length; then the connection is closed after the body."""

    @property
    def all_headers(self) -> dict[str, str]:
        """
        The headers, with `Content-Length`.
        """
        announced = len(self.body) if self.length is None else self.length
        return {**self.headers, "Content-Length": str(announced)}


class RejectionError(Exception):
    """
    The service rejects the request.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@attrs.frozen
class _Owner:
    """The account and the Region that a request belongs to, and whose configurations it can see."""

    account_id: str
    region_name: str

    def arn(self, name: str) -> str:
        resource = re.sub("[ _]", "-", name.lower())
        return f"arn:aws:imagebuilder:{self.region_name}:{self.account_id}:distribution-configuration/{resource}"


@attrs.frozen
class _Stored:
    """A stored configuration; replaced, never changed."""

    arn: str
    owner: _Owner
    name: str
    distributions: list[Json]
    date_created: str
    tags: Mapping[str, str]
    description: str | None = None
    date_updated: str | None = None

    def document(self) -> dict[str, Json]:
        """Return what a get shows."""
        return {**self.head(), "distributions": self.distributions, "timeoutMinutes": 720}

    def head(self) -> dict[str, Json]:
        """Return what both a get and a list show."""
        shown = {
            "arn": self.arn,
            "name": self.name,
            "description": self.description,
            "dateCreated": self.date_created,
            "dateUpdated": self.date_updated,
            "tags": dict(self.tags),
        }
        return {member: value for member, value in shown.items() if value is not None}


@attrs.frozen
class _Write:
    """A write that ran, kept under its client token."""

    digest: bytes
    """Digest of the parameters, which can be large; a create never has the same as an update."""

    response: Json


@attrs.frozen
class _Call:
    """A parsed request."""

    operation: OperationModel
    parameters: dict[str, Json]
    owner: _Owner
    request_id: str

    def digest(self) -> bytes:
        """Return a digest that tells these parameters from any others."""
        return hashlib.sha256(json.dumps(self.parameters, sort_keys=True).encode()).digest()


@cache
def service_model() -> ServiceModel:
    """
    Return Image Builder's model from the installed botocore.
    """
    return botocore_session().get_service_model("imagebuilder")


def botocore_session() -> Session:
    """
    Return a session that ignores AWS_PROFILE, which may name a profile that doesn't exist.
    """
    without_profile: Any = {"profile": (None, None, None, None)}
    return Session(session_vars=without_profile)


class ImageBuilder:
    """
    The service without a network; thread-safe.
    """

    def __init__(self, *, account_id: str, region_name: str) -> None:
        self._default = _Owner(account_id, region_name)
        self._stored: dict[str, _Stored] = {}
        self._writes: defaultdict[_Owner, OrderedDict[str, _Write]] = defaultdict(OrderedDict)
        self._lock = threading.Lock()
        self._operations: Mapping[str, Callable[[_Call], Json]] = {
            "CreateDistributionConfiguration": self._create,
            "DeleteDistributionConfiguration": self._delete,
            "GetDistributionConfiguration": self._get,
            "ListDistributionConfigurations": self._list,
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "UpdateDistributionConfiguration": self._update,
        }

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """
        Respond to one HTTP request.

        Args:
            method: `GET`, `PUT` and so on.
            target: Path and query, as in the request line.
            headers: The headers; the case of their names doesn't matter.
            body: The whole body.
        """
        request_id = str(uuid.uuid4())
        found = find_operation(method, target)
        if found is None:
            path = target.partition("?")[0]
            return error_reply("NotImplemented", f"{method} {path} isn't an operation of EC2 Image Builder.")
        operation, in_path = found
        if operation.name not in self._operations:
            message = f"The local endpoint doesn't support {operation.name}. It supports {', '.join(self._operations)}."
            return error_reply("NotImplemented", message)
        try:
            parameters = read_parameters(operation, in_path, target, _read_body(operation, body))
            call = _Call(operation, parameters, self._owner(headers), request_id)
            with self._lock:
                response, ran = self._respond(call)
        except RejectionError as error:
            return error_reply(error.code, error.message)
        return _reply(HTTPStatus.OK, response, request_id, applied=ran and operation.name not in READS)

    @property
    def operations(self) -> tuple[str, ...]:
        """
        The names of the supported operations.
        """
        return tuple(self._operations)

    def documents(self) -> list[Json]:
        """
        Return the configurations of all accounts and Regions as a get shows them, in the order of their ARNs.
        """
        with self._lock:
            return [stored.document() for _, stored in sorted(self._stored.items())]

    def put(self, *documents: Mapping[str, Json]) -> None:
        """
        Store configurations in the form that a get shows, unchecked.
        """
        with self._lock:
            for document in documents:
                self._put(document)

    def _put(self, document: Mapping[str, Json]) -> None:
        arn = document["arn"]
        parts = arn.split(":")
        if len(parts) != _ARN_PARTS:
            raise ValueError(f"{arn!r} isn't the ARN of a distribution configuration")
        self._stored[arn] = _Stored(
            arn=arn,
            owner=_Owner(parts[4], parts[3]),
            name=document.get("name", arn.rpartition("/")[2]),
            description=document.get("description"),
            distributions=document.get("distributions", []),
            date_created=document.get("dateCreated", _now()),
            date_updated=document.get("dateUpdated"),
            tags=document.get("tags", {}),
        )

    def change(self, arn: str, change: Callable[[Json], Json]) -> None:
        """
        Replace the document under *arn*, if it exists, with what *change* returns, as another client's update does.
        """
        with self._lock:
            if arn in self._stored:
                self._put({**change(self._stored[arn].document()), "dateUpdated": _now()})

    def clear(self) -> None:
        """
        Forget all configurations and client tokens.
        """
        with self._lock:
            self._stored.clear()
            self._writes.clear()

    def _owner(self, headers: Mapping[str, str]) -> _Owner:
        """Return the request's account, which its access key id may be, and the Region that it is signed for."""
        authorization = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
        scope = _SCOPE.search(authorization)
        if scope is None:
            return self._default
        return _Owner(scope[1] if _ACCOUNT_ID.fullmatch(scope[1]) else self._default.account_id, scope[2])

    def _respond(self, call: _Call) -> tuple[Json, bool]:
        """Return the response, and whether the operation ran for it."""
        first = next(model_problems(_input_shape(call.operation), call.parameters), None)
        if first is None and "distributions" in call.parameters:
            first = next(rule_problems(call.parameters["distributions"]), None)
        if first is not None:
            raise RejectionError(first.code, first.message)
        token = call.parameters.pop("clientToken", None)
        if token is None:
            return self._operations[call.operation.name](call), True
        writes, digest = self._writes[call.owner], call.digest()
        if token in writes:
            return _replay(token, writes[token], digest), False
        response = {**self._operations[call.operation.name](call), "clientToken": token}
        writes[token] = _Write(digest, response)
        if len(writes) > MAX_TOKENS:
            writes.popitem(last=False)
        return response, True

    def _create(self, call: _Call) -> Json:
        given = call.parameters
        arn = call.owner.arn(given["name"])
        if arn in self._stored:
            raise RejectionError("ResourceAlreadyExistsException", f"The resource with ARN '{arn}' already exists.")
        if sum(each.owner == call.owner for each in self._stored.values()) >= MAX_CONFIGURATIONS:
            raise RejectionError(
                "ServiceQuotaExceededException",
                f"The quota of {MAX_CONFIGURATIONS} distribution configurations is used up.",
            )
        if given.get("dryRun"):
            raise RejectionError("DryRunOperationException", "The request would have succeeded, but it is a dry run.")
        self._stored[arn] = _Stored(
            arn=arn,
            owner=call.owner,
            name=given["name"],
            description=given.get("description"),
            distributions=given["distributions"],
            date_created=_now(),
            tags=given.get("tags", {}),
        )
        return {"requestId": call.request_id, "distributionConfigurationArn": arn}

    def _get(self, call: _Call) -> Json:
        stored = self._find(call, "distributionConfigurationArn")
        return {"requestId": call.request_id, "distributionConfiguration": stored.document()}

    def _update(self, call: _Call) -> Json:
        given = call.parameters
        stored = self._find(call, "distributionConfigurationArn")
        self._stored[stored.arn] = attrs.evolve(
            stored, description=given.get("description"), distributions=given["distributions"], date_updated=_now()
        )
        return {"requestId": call.request_id, "distributionConfigurationArn": stored.arn}

    def _list(self, call: _Call) -> Json:
        names = self._names(call.parameters.get("filters", []))
        after = _position(call.parameters["nextToken"]) if "nextToken" in call.parameters else ""
        rest = [
            stored
            for arn, stored in sorted(self._stored.items())
            if stored.owner == call.owner and arn > after and (names is None or stored.name in names)
        ]
        size: int = call.parameters.get("maxResults", DEFAULT_PAGE_SIZE)
        page = [
            {**stored.head(), "regions": [each["region"] for each in stored.distributions]} for stored in rest[:size]
        ]
        response: Json = {"requestId": call.request_id, "distributionConfigurationSummaryList": page}
        if len(rest) > size:
            response["nextToken"] = base64.b64encode(rest[size - 1].arn.encode()).decode()
        return response

    @staticmethod
    def _names(filters: list[Json]) -> set[str] | None:
        for index, each in enumerate(filters):
            if each.get("name") != "name":
                problem = Problem(f"filters[{index}].name", "The only filter is name.")
                raise RejectionError(problem.code, problem.message)
        wanted: list[set[str]] = [set(each.get("values", [])) for each in filters]
        return set[str].intersection(*wanted) if wanted else None

    def _delete(self, call: _Call) -> Json:
        stored = self._find(call, "distributionConfigurationArn")
        del self._stored[stored.arn]
        return {"requestId": call.request_id, "distributionConfigurationArn": stored.arn}

    def _tag(self, call: _Call) -> Json:
        stored = self._find(call, "resourceArn")
        tags = {**stored.tags, **call.parameters["tags"]}
        if len(tags) > MAX_TAGS:
            raise RejectionError("InvalidParameterException", f"A resource can have {MAX_TAGS} tags.")
        self._stored[stored.arn] = attrs.evolve(stored, tags=tags)
        return {}

    def _untag(self, call: _Call) -> Json:
        stored = self._find(call, "resourceArn")
        tags = {key: value for key, value in stored.tags.items() if key not in call.parameters["tagKeys"]}
        self._stored[stored.arn] = attrs.evolve(stored, tags=tags)
        return {}

    def _list_tags(self, call: _Call) -> Json:
        return {"tags": dict(self._find(call, "resourceArn").tags)}

    def _find(self, call: _Call, member: str) -> _Stored:
        arn = call.parameters[member]
        stored = self._stored.get(arn)
        if stored is None or stored.owner.account_id != call.owner.account_id:
            raise RejectionError("ResourceNotFoundException", f"The resource with ARN '{arn}' does not exist.")
        return stored


def _replay(token: str, write: _Write, digest: bytes) -> Json:
    if write.digest != digest:
        raise RejectionError(
            "IdempotentParameterMismatchException", f"The client token '{token}' was used before with other parameters."
        )
    return write.response


def find_operation(method: str, target: str) -> tuple[OperationModel, dict[str, str]] | None:
    """
    Return the operation that a request asks for, and the members in its path; `None` if there isn't one.
    """
    line = f"{method} {target.partition('?')[0]}"
    for route, operation in _routes():
        match = route.fullmatch(line)
        if match:
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


@cache
def _routes() -> tuple[tuple[re.Pattern[str], OperationModel], ...]:
    operations = map(service_model().operation_model, service_model().operation_names)
    return tuple((_route(operation), operation) for operation in operations)


def _route(operation: OperationModel) -> re.Pattern[str]:
    path = re.sub("{(.+?)}", r"(?P<\1>.+)", operation.http["requestUri"])
    return re.compile(f"{operation.http['method']} {path}")


def _input_shape(operation: OperationModel) -> StructureShape:
    return cast(StructureShape, operation.input_shape)  # every supported operation has one


def read_parameters(
    operation: OperationModel, in_path: Mapping[str, str], target: str, content: Mapping[str, Json]
) -> dict[str, Json]:
    """
    Return the parameters in a request's path, its query and the *content* of its body, by their members' names.
    """
    in_query = parse_qs(target.partition("?")[2], keep_blank_values=True)
    elsewhere: dict[str, Json] = dict(in_path)
    for member, shape in _input_shape(operation).members.items():
        values = in_query.get(shape.serialization.get("name", member))
        if shape.serialization.get("location") == "querystring" and values:
            elsewhere[member] = values if shape.type_name == "list" else values[0]
    return {**content, **elsewhere}


def _read_body(operation: OperationModel, body: bytes) -> dict[str, Json]:
    if operation.http["method"] in {"GET", "DELETE"}:
        return {}
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise RejectionError("InvalidRequestException", "The body of the request is not a JSON object.")
    return cast(dict[str, Json], content)


def _position(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        message = f"The pagination token '{token}' is not valid."
        raise RejectionError("InvalidPaginationTokenException", message) from None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error_reply(code: str, message: str, status: int | None = None) -> Reply:
    """
    Return an error response.

    Args:
        code: One of the service's error codes, or any other.
        message: The error's message.
        status: The HTTP status; if omitted, that of the service's model, or 400 for codes that it doesn't have.
    """
    status = status_of(code) if status is None else status
    return _reply(status, {"message": message}, str(uuid.uuid4()), code)


READS = frozenset({"GetDistributionConfiguration", "ListDistributionConfigurations", "ListTagsForResource"})
"""The operations that write nothing."""


# AWS's common errors, as its reference lists them; those that aren't here have the status 400.
_COMMON: Mapping[str, int] = {
    "ExpiredTokenException": 403,
    "IncompleteSignature": 403,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "MissingAuthenticationToken": 403,
    "NotAuthorized": 401,
    "NotImplemented": 501,
    "OptInRequired": 403,
    "RequestEntityTooLargeException": 413,
    "RequestTimeoutException": 408,
    "SignatureDoesNotMatch": 403,
    "UnknownOperationException": 404,
    "UnrecognizedClientException": 403,
}


@cache
def _statuses() -> Mapping[str, int]:
    modelled = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in service_model().error_shapes}
    return {**_COMMON, **modelled}


def status_of(code: str) -> int:
    """
    Return the HTTP status of an error code: that of the model, or of AWS's list of common errors.
    """
    return _statuses().get(code, HTTPStatus.BAD_REQUEST)


def success_reply(content: Json) -> Reply:
    """
    Return a successful response with *content*.
    """
    return _reply(HTTPStatus.OK, content, str(uuid.uuid4()))


def _reply(status: int, body: Any, request_id: str, error_type: str | None = None, *, applied: bool = False) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": request_id}
    if error_type is not None:
        headers["x-amzn-ErrorType"] = error_type
    return Reply(status, headers, json.dumps(body).encode(), applied)
