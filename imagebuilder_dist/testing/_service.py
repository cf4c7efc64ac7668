"""
The local Image Builder: one pure handler from a request to a reply, and the configurations it keeps.
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

from imagebuilder_dist._help import documented
from imagebuilder_dist.testing._checks import Json, Problem, model_problems, rule_problems

MAX_CONFIGURATIONS = 1000
MAX_TAGS = 50
MAX_TOKENS = 10_000
"""Client tokens that are remembered for each Region."""

DEFAULT_PAGE_SIZE = 25
_SCOPE = re.compile(r"Credential=([^/]+)/[0-9]+/([^/]+)/imagebuilder/")
_ARN_PARTS = 6
_ACCOUNT_ID = re.compile("[0-9]{12}")


@attrs.frozen(field_transformer=documented)
class Reply:
    """
    An HTTP response.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    applied: bool = False
    """Whether the request ran and wrote: not a read, not rejected, not a retry of an earlier write."""

    length: int | None = None
    """The length to announce if it isn't the body's; the connection is closed after the body then."""

    @property
    def all_headers(self) -> dict[str, str]:
        """
        The headers, with the length that is announced.
        """
        announced = len(self.body) if self.length is None else self.length
        return {**self.headers, "Content-Length": str(announced)}


class RefusalError(Exception):
    """
    The service's no.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@attrs.frozen
class _Owner:
    """Whose a request is, and what it can see: an account and a Region."""

    account_id: str
    region_name: str

    def arn(self, name: str) -> str:
        resource = re.sub("[ _]", "-", name.lower())
        return f"arn:aws:imagebuilder:{self.region_name}:{self.account_id}:distribution-configuration/{resource}"


@attrs.frozen
class _Stored:
    """A configuration as it is kept; replaced, never changed."""

    arn: str
    owner: _Owner
    name: str
    distributions: list[Json]
    date_created: str
    tags: Mapping[str, str]
    description: str | None = None
    date_updated: str | None = None

    def document(self) -> dict[str, Json]:
        """Give what get shows."""
        return {**self.head(), "distributions": self.distributions, "timeoutMinutes": 720}

    def head(self) -> dict[str, Json]:
        """Give what get and list both show."""
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
    """A write that ran, as its client token remembers it."""

    digest: bytes
    """Of the parameters, which can be large; a create never has those of an update."""

    answer: Json


@attrs.frozen
class _Call:
    """A request, understood."""

    operation: OperationModel
    parameters: dict[str, Json]
    owner: _Owner
    request_id: str

    def digest(self) -> bytes:
        """Give what tells these parameters from any others."""
        return hashlib.sha256(json.dumps(self.parameters, sort_keys=True).encode()).digest()


@cache
def service_model() -> ServiceModel:
    """
    Return the model of Image Builder that the installed botocore has.
    """
    return botocore_session().get_service_model("imagebuilder")


def botocore_session() -> Session:
    """
    Return a session that passes over AWS_PROFILE, which may name a profile that isn't there.
    """
    without_profile: Any = {"profile": (None, None, None, None)}
    return Session(session_vars=without_profile)


class ImageBuilder:
    """
    The service without a network; safe to call from many threads.
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
            target: Path and query, as they stand in the request line.
            headers: Names in any case.
            body: The whole body.
        """
        request_id = str(uuid.uuid4())
        found = find_operation(method, target)
        if found is None:
            path = target.partition("?")[0]
            return error_reply("NotImplemented", f"{method} {path} isn't an operation of EC2 Image Builder.")
        operation, in_path = found
        if operation.name not in self._operations:
            message = f"{operation.name} is not among what the local endpoint offers: {', '.join(self._operations)}."
            return error_reply("NotImplemented", message)
        try:
            parameters = read_parameters(operation, in_path, target, _read_body(operation, body))
            call = _Call(operation, parameters, self._owner(headers), request_id)
            with self._lock:
                answer, ran = self._answer(call)
        except RefusalError as refusal:
            return error_reply(refusal.code, refusal.message)
        return _reply(HTTPStatus.OK, answer, request_id, applied=ran and operation.name not in READS)

    @property
    def operations(self) -> tuple[str, ...]:
        """
        The names of the operations that are offered.
        """
        return tuple(self._operations)

    def documents(self) -> list[Json]:
        """
        Return all configurations of all accounts and Regions as get shows them, in the order of their ARNs.
        """
        with self._lock:
            return [stored.document() for _, stored in sorted(self._stored.items())]

    def put(self, *documents: Mapping[str, Json]) -> None:
        """
        Store configurations as get shows them, unchecked.
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
        Let *change* make a new document of the one under *arn*, if there is one, as if another client updated it.
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
        """Return whose the request is: an access key id that is an account id says so, and a signature its Region."""
        authorization = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
        scope = _SCOPE.search(authorization)
        if scope is None:
            return self._default
        return _Owner(scope[1] if _ACCOUNT_ID.fullmatch(scope[1]) else self._default.account_id, scope[2])

    def _answer(self, call: _Call) -> tuple[Json, bool]:
        """Give the response, and whether the operation ran for it."""
        first = next(model_problems(_input_shape(call.operation), call.parameters), None)
        if first is None and "distributions" in call.parameters:
            first = next(rule_problems(call.parameters["distributions"]), None)
        if first is not None:
            raise RefusalError(first.code, first.message)
        token = call.parameters.pop("clientToken", None)
        if token is None:
            return self._operations[call.operation.name](call), True
        writes, digest = self._writes[call.owner], call.digest()
        if token in writes:
            return _replay(token, writes[token], digest), False
        answer = {**self._operations[call.operation.name](call), "clientToken": token}
        writes[token] = _Write(digest, answer)
        if len(writes) > MAX_TOKENS:
            writes.popitem(last=False)
        return answer, True

    def _create(self, call: _Call) -> Json:
        given = call.parameters
        arn = call.owner.arn(given["name"])
        if arn in self._stored:
            raise RefusalError("ResourceAlreadyExistsException", f"The resource with ARN '{arn}' already exists.")
        if sum(each.owner == call.owner for each in self._stored.values()) >= MAX_CONFIGURATIONS:
            raise RefusalError(
                "ServiceQuotaExceededException",
                f"The quota of {MAX_CONFIGURATIONS} distribution configurations is used up.",
            )
        if given.get("dryRun"):
            raise RefusalError("DryRunOperationException", "The request would have succeeded, but it is a dry run.")
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
        stored = self._one(call, "distributionConfigurationArn")
        return {"requestId": call.request_id, "distributionConfiguration": stored.document()}

    def _update(self, call: _Call) -> Json:
        given = call.parameters
        stored = self._one(call, "distributionConfigurationArn")
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
        answer: Json = {"requestId": call.request_id, "distributionConfigurationSummaryList": page}
        if len(rest) > size:
            answer["nextToken"] = base64.b64encode(rest[size - 1].arn.encode()).decode()
        return answer

    @staticmethod
    def _names(filters: list[Json]) -> set[str] | None:
        for index, each in enumerate(filters):
            if each.get("name") != "name":
                problem = Problem(f"filters[{index}].name", "The only filter is name.")
                raise RefusalError(problem.code, problem.message)
        wanted: list[set[str]] = [set(each.get("values", [])) for each in filters]
        return set[str].intersection(*wanted) if wanted else None

    def _delete(self, call: _Call) -> Json:
        stored = self._one(call, "distributionConfigurationArn")
        del self._stored[stored.arn]
        return {"requestId": call.request_id, "distributionConfigurationArn": stored.arn}

    def _tag(self, call: _Call) -> Json:
        stored = self._one(call, "resourceArn")
        tags = {**stored.tags, **call.parameters["tags"]}
        if len(tags) > MAX_TAGS:
            raise RefusalError("InvalidParameterException", f"A resource can have {MAX_TAGS} tags.")
        self._stored[stored.arn] = attrs.evolve(stored, tags=tags)
        return {}

    def _untag(self, call: _Call) -> Json:
        stored = self._one(call, "resourceArn")
        tags = {key: value for key, value in stored.tags.items() if key not in call.parameters["tagKeys"]}
        self._stored[stored.arn] = attrs.evolve(stored, tags=tags)
        return {}

    def _list_tags(self, call: _Call) -> Json:
        return {"tags": dict(self._one(call, "resourceArn").tags)}

    def _one(self, call: _Call, member: str) -> _Stored:
        arn = call.parameters[member]
        stored = self._stored.get(arn)
        if stored is None or stored.owner.account_id != call.owner.account_id:
            raise RefusalError("ResourceNotFoundException", f"The resource with ARN '{arn}' does not exist.")
        return stored


def _replay(token: str, write: _Write, digest: bytes) -> Json:
    if write.digest != digest:
        raise RefusalError(
            "IdempotentParameterMismatchException", f"The client token '{token}' was used before with other parameters."
        )
    return write.answer


def find_operation(method: str, target: str) -> tuple[OperationModel, dict[str, str]] | None:
    """
    Return the operation of Image Builder that a request asks for, and the members in its path; `None` for no such.
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
    return cast(StructureShape, operation.input_shape)  # every operation of Image Builder that we serve has one


def read_parameters(
    operation: OperationModel, in_path: Mapping[str, str], target: str, content: Mapping[str, Json]
) -> dict[str, Json]:
    """
    Return what a request says in its path, its query and the *content* of its body, by the names of the members.
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
        raise RefusalError("InvalidRequestException", "The body of the request is not a JSON object.")
    return cast(dict[str, Json], content)


def _position(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        message = f"The pagination token '{token}' is not valid."
        raise RefusalError("InvalidPaginationTokenException", message) from None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error_reply(code: str, message: str, status: int | None = None) -> Reply:
    """
    Return the response that reports an error.

    Args:
        code: The service's code; any other is possible.
        message: Its text.
        status: The HTTP status; that of the service's model without, or 400 for codes that aren't in it.
    """
    status = status_of(code) if status is None else status
    return _reply(status, {"message": message}, str(uuid.uuid4()), code)


READS = frozenset({"GetDistributionConfiguration", "ListDistributionConfigurations", "ListTagsForResource"})
"""The operations that write nothing."""


# The common errors of AWS as its reference lists them; those that aren't here are a 400.
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
    Return the HTTP status that an error comes with: that of the model, or of AWS' list of common errors.
    """
    return _statuses().get(code, HTTPStatus.BAD_REQUEST)


def success_reply(content: Json) -> Reply:
    """
    Return the response that says *content*.
    """
    return _reply(HTTPStatus.OK, content, str(uuid.uuid4()))


def _reply(status: int, body: Any, request_id: str, error_type: str | None = None, *, applied: bool = False) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": request_id}
    if error_type is not None:
        headers["x-amzn-ErrorType"] = error_type
    return Reply(status, headers, json.dumps(body).encode(), applied)
