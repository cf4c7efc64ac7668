"""
The local Image Builder: one function from a request to a reply, and the configurations that it keeps.
"""

import hashlib
import json
import re
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist.testing._checks import Json, RejectionError, check_model, check_rules, reject
from imagebuilder_dist.testing._requests import ReceivedRequest, service_model, statuses
from imagebuilder_dist.testing._sts import Sts, to_xml

MAX_TAGS = 50
DEFAULT_PAGE_SIZE = 25

READS = frozenset({"GetDistributionConfiguration", "ListDistributionConfigurations", "ListTagsForResource"})
"""The operations that write nothing."""

Document: TypeAlias = dict[str, Json]
Owner: TypeAlias = tuple[str, str]
"""The Region and the account that a request belongs to, and whose configurations it can see."""


@attrs.frozen
class Reply:
    """
    An HTTP response.

    It is a fault, too: the service responds with it, and the operation doesn't run.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def all_headers(self) -> dict[str, str]:
        """
        The headers, with a `Content-Length`.
        """
        return {"Content-Length": str(len(self.body)), **self.headers}

    def answer(self, _exchange: object, /) -> "Reply":
        """Return itself."""
        return self


class ImageBuilder:
    """
    The service without a network; thread-safe.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._sts = Sts(clock)
        # By ARN, as a get shows them; a document is replaced, never changed.
        self._stored: dict[str, Document] = {}
        # By owner and client token: a digest of the parameters, which can be large, and the response.
        self._writes: defaultdict[Owner, dict[str, tuple[bytes, Document]]] = defaultdict(dict)
        self._lock = threading.Lock()
        self._operations: Mapping[str, Callable[[Document, Owner], Document]] = {
            "CreateDistributionConfiguration": self._create,
            "DeleteDistributionConfiguration": self._delete,
            "GetDistributionConfiguration": self._get,
            "ListDistributionConfigurations": self._list,
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "UpdateDistributionConfiguration": self._update,
        }
        self.operations = [*self._operations, *self._sts.operations]
        """The names of the operations that are supported."""

    def respond(self, request: ReceivedRequest) -> Reply:
        """
        Respond to a *request*, and note there what came of it.
        """
        request_id = str(uuid.uuid4())
        operation = request.operation or f"{request.method} {request.target}"
        try:
            self._sts.check(request)
            if operation not in self.operations:
                supported = ", ".join(self.operations)
                message = f"The local endpoint doesn't support {operation}. It supports {supported}."
                raise RejectionError("NotImplemented", message, 501)  # noqa: TRY301 - what a client sees
            run = self._sts.run if request.service == "sts" else self._run
            reply = _reply(200, run(operation, request, request_id), request_id)
        except RejectionError as error:
            reply = error_reply(*error.args, service=request.service)
        request.status = reply.status
        return reply

    def documents(self) -> list[Document]:
        """
        Return the configurations of all accounts and Regions as a get shows them, in the order of their ARNs.
        """
        with self._lock:
            return [document for _, document in sorted(self._stored.items())]

    def put(self, document: Mapping[str, Json]) -> Document:
        """
        Store a configuration in the form that a get shows, unchecked, and forget the client tokens of its ARN.

        Return what a get shows.
        """
        arn = document["arn"]
        if not re.fullmatch("arn:[^:]+:imagebuilder:[^:]+:[^:]+:distribution-configuration/[^:]+", arn):
            raise ValueError(f"{arn!r} isn't the ARN of a distribution configuration")
        with self._lock:
            self._store(document)
            for writes in self._writes.values():
                for token, (_, response) in [*writes.items()]:
                    if response["distributionConfigurationArn"] == arn:
                        del writes[token]
            return self._stored[arn]

    def change(self, arn: str, change: Callable[[Document], Document]) -> None:
        """
        Replace the document under *arn*, if it exists, with what *change* returns, as another client's update does.
        """
        with self._lock:
            stored = self._stored.get(arn)
            if stored is not None:
                self._store({**change(stored), "dateUpdated": _now(stored)})

    def _run(self, operation: str, request: ReceivedRequest, request_id: str) -> str:
        if not is_mapping(request.body):
            raise RejectionError("InvalidRequestException", "The body of the request is not a JSON object.")
        model: Any = service_model().operation_model(operation)
        check_model(model.input_shape, request.parameters)
        if "distributions" in request.parameters:
            check_rules(request.parameters["distributions"])
        given = _without(request.parameters, "clientToken")
        digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).digest()
        owner, token = (request.region_name, request.account_id), request.client_token
        with self._lock:
            writes = self._writes[owner]
            # The operation mustn't run a second time, not even to find that the configuration is gone.
            if token is not None and token in writes:
                before, response = writes[token]
                if before != digest:
                    message = f"The client token '{token}' was used before with other parameters."
                    raise RejectionError("IdempotentParameterMismatchException", message)
                return json.dumps(response)
            response = self._operations[operation](given, owner)
            if "requestId" in model.output_shape.members:
                response["requestId"] = request_id
            if token is not None:
                response["clientToken"] = token
                writes[token] = digest, response
        request.applied |= operation not in READS
        return json.dumps(response)

    def _store(self, document: Mapping[str, Json]) -> None:
        arn = document["arn"]
        added = {"name": arn.rpartition("/")[2], "dateCreated": _now(), "timeoutMinutes": 720}
        self._stored[arn] = {**added, "distributions": [], "tags": {}, **document}

    def _create(self, given: Document, owner: Owner) -> Document:
        resource = re.sub("[ _]", "-", given["name"].lower())
        arn = f"arn:aws:imagebuilder:{':'.join(owner)}:distribution-configuration/{resource}"
        if arn in self._stored:
            raise RejectionError("ResourceAlreadyExistsException", f"The resource with ARN '{arn}' already exists.")
        if given.get("dryRun"):
            raise RejectionError("DryRunOperationException", "The request would have succeeded, but it is a dry run.")
        self._store({"arn": arn, **_without(given, "dryRun")})
        return {"distributionConfigurationArn": arn}

    def _get(self, given: Document, owner: Owner) -> Document:
        return {"distributionConfiguration": self._find(given["distributionConfigurationArn"], owner)}

    def _update(self, given: Document, owner: Owner) -> Document:
        arn = given.pop("distributionConfigurationArn")
        stored = self._find(arn, owner)
        self._stored[arn] = {**_without(stored, "description"), **given, "dateUpdated": _now(stored)}
        return {"distributionConfigurationArn": arn}

    def _list(self, given: Document, owner: Owner) -> Document:
        filters = given.get("filters", [])
        for index, each in enumerate(filters):
            if each.get("name") != "name":
                reject(f"filters[{index}].name", "The only filter is name.")
        after = given.get("nextToken", "")  # the last ARN of the page before
        if after and not after.startswith("arn:"):
            message = f"The pagination token '{after}' is not valid."
            raise RejectionError("InvalidPaginationTokenException", message)
        rest = [
            document
            for arn, document in sorted(self._stored.items())
            if _owner_of(arn) == owner and arn > after and all(_matches(document["name"], each) for each in filters)
        ]
        size: int = given.get("maxResults", DEFAULT_PAGE_SIZE)
        response: Document = {"distributionConfigurationSummaryList": [_summary(each) for each in rest[:size]]}
        if len(rest) > size:
            response["nextToken"] = rest[size - 1]["arn"]
        return response

    def _delete(self, given: Document, owner: Owner) -> Document:
        arn = self._find(given["distributionConfigurationArn"], owner)["arn"]
        del self._stored[arn]
        return {"distributionConfigurationArn": arn}

    def _tag(self, given: Document, owner: Owner) -> Document:
        stored = self._find(given["resourceArn"], owner)
        tags = {**stored["tags"], **given["tags"]}
        if len(tags) > MAX_TAGS:
            raise RejectionError("InvalidParameterException", f"A resource can have {MAX_TAGS} tags.")
        self._stored[stored["arn"]] = {**stored, "tags": tags}
        return {}

    def _untag(self, given: Document, owner: Owner) -> Document:
        stored = self._find(given["resourceArn"], owner)
        self._stored[stored["arn"]] = {**stored, "tags": _without(stored["tags"], *given["tagKeys"])}
        return {}

    def _list_tags(self, given: Document, owner: Owner) -> Document:
        return {"tags": self._find(given["resourceArn"], owner)["tags"]}

    def _find(self, arn: str, owner: Owner) -> Document:
        stored = self._stored.get(arn)
        if stored is None or _owner_of(arn)[1] != owner[1]:
            raise RejectionError("ResourceNotFoundException", f"The resource with ARN '{arn}' does not exist.")
        return stored


def _owner_of(arn: str) -> Owner:
    _, _, _, region_name, account_id, _ = arn.split(":")
    return region_name, account_id


def _summary(document: Document) -> Document:
    regions = [each["region"] for each in document["distributions"]]
    return {**_without(document, "distributions", "timeoutMinutes"), "regions": regions}


def _without(document: Mapping[str, Json], *names: str) -> Document:
    return {name: value for name, value in document.items() if name not in names}


def _matches(name: str, wanted: Document) -> bool:
    """Tell whether a filter finds *name*: `web`, `web*` or `*web*`."""
    # The model's pattern of a value has neither "?" nor "[", which would have a meaning here.
    return any(fnmatchcase(name, value) for value in wanted.get("values", []))


def _now(stored: Mapping[str, Json] | None = None) -> str:
    """Return the time, but later than the last update of what is *stored*: nothing may look unchanged."""
    now = datetime.now(UTC)
    with suppress(KeyError, TypeError, ValueError):  # no date, or one that a test has put there
        now = max(now, datetime.fromisoformat((stored or {})["dateUpdated"]) + timedelta(milliseconds=1))
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error_reply(code: str, message: str, status: int | None = None, *, service: str = "imagebuilder") -> Reply:
    """
    Return an error response.

    Args:
        code: One of the service's error codes, or any other.
        message: The error's message.
        status: The HTTP status; if omitted, that of the service's model, or 400 for codes that it doesn't have.
        service: Whose protocol the response is in.
    """
    if status is None:
        status = statuses().get(code, 400)
    request_id = str(uuid.uuid4())
    if service in {"sts", "iam"}:  # preflight asks IAM, and should be able to read that it isn't here
        error = {"Type": "Sender", "Code": code, "Message": message}
        return _reply(status, to_xml({"ErrorResponse": {"Error": error, "RequestId": request_id}}), request_id)
    return _reply(status, json.dumps({"message": message}), request_id, {"x-amzn-ErrorType": code})


def _reply(status: int, body: str, request_id: str, headers: Mapping[str, str] | None = None) -> Reply:
    kind = "text/xml" if body.startswith("<") else "application/json"
    return Reply(status, {"Content-Type": kind, "x-amzn-RequestId": request_id, **(headers or {})}, body.encode())
