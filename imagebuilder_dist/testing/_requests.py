"""
Requests to the local endpoint, read with botocore's service model.
"""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import attrs
from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel

from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._shapes.converter import from_boto3
from imagebuilder_dist.errors import ValidationError
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, UpdateDistributionConfigurationRequest
from imagebuilder_dist.testing.examples import ACCOUNT_ID, REGION


@attrs.define(eq=False)
class ReceivedRequest:
    """
    A request to the local endpoint.
    """

    method: str
    """`GET`, `PUT` and so on."""

    target: str
    """Path and query."""

    body: Any
    """The body, read as JSON; `None` if it isn't JSON, and an empty object if there is none."""

    operation: str | None
    """The API operation, for example `UpdateDistributionConfiguration`; `None` if it isn't one."""

    parameters: Mapping[str, Any]
    """The operation's parameters, with the names that boto3 has for them, whether they are in path, query or body."""

    account_id: str
    """The account that the request's access key id belongs to."""

    region_name: str
    """The Region that the request is signed for."""

    service: str = "imagebuilder"
    """`imagebuilder` or `sts`."""

    access_key_id: str = ""
    """What the request is signed with; empty if it isn't signed."""

    status: int | None = None
    """The HTTP status of the service's response, whether or not it reached the client; `None` if it wasn't called."""

    applied: bool = False
    """Whether the operation ran and wrote; false for reads, rejected requests and retries of an earlier write."""

    @property
    def client_token(self) -> str | None:
        """
        The client token of a write.
        """
        return self.parameters.get("clientToken")

    @property
    def typed(self) -> CreateDistributionConfigurationRequest | UpdateDistributionConfigurationRequest | None:
        """
        A create or an update as this library's class; `None` for anything else, and if it can't be read.
        """
        with suppress(ValidationError):
            if self.operation == "CreateDistributionConfiguration":
                return from_boto3(self.parameters, CreateDistributionConfigurationRequest)
            if self.operation == "UpdateDistributionConfiguration":
                return from_boto3(self.parameters, UpdateDistributionConfigurationRequest)
        return None


@cache
def service_model() -> ServiceModel:
    """
    Return Image Builder's model from the installed botocore.
    """
    return ServiceModel(create_loader().load_service_model("imagebuilder", "service-2"), "imagebuilder")


@cache
def statuses() -> Mapping[str, int]:
    """
    Return the HTTP status of each error in the service's model.
    """
    return {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in service_model().error_shapes}


def read_request(method: str, target: str, authorization: str, body: bytes) -> ReceivedRequest:
    """
    Read a request; its parameters are in its path, its query and its body.

    Args:
        method: `GET`, `PUT` and so on.
        target: Path and query, as in the request line.
        authorization: The header of that name; an empty string if there is none.
        body: The body.
    """
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        content = None
    path, _, query = target.partition("?")
    signer = _signer(authorization)
    name, parameters = None, dict[str, Any]()
    if signer[2] in {"sts", "iam"}:
        parameters = {member: values[-1] for member, values in parse_qs(body.decode(errors="replace")).items()}
        name = parameters.pop("Action", None)
    for route, operation in _routes():
        match = route.fullmatch(f"{method} {path}")
        if match:
            name = operation.name
            in_path = {member: unquote(value) for member, value in match.groupdict().items()}
            parameters = {**(content if is_mapping(content) else {}), **_in_query(operation, query), **in_path}
    return ReceivedRequest(method, target, content, name, parameters, *signer)


@cache
def _routes() -> list[tuple[re.Pattern[str], OperationModel]]:
    routes: list[tuple[re.Pattern[str], OperationModel]] = []
    for operation in map(service_model().operation_model, service_model().operation_names):
        path = re.sub("{(.+?)}", r"(?P<\1>.+)", operation.http["requestUri"])
        routes.append((re.compile(f"{operation.http['method']} {path}"), operation))
    return routes


def _in_query(operation: OperationModel, query: str) -> dict[str, Any]:
    values = parse_qs(query, keep_blank_values=True)
    found: dict[str, Any] = {}
    for member, shape in operation.input_shape.members.items() if operation.input_shape else ():
        given = values.get(shape.serialization.get("name", member))
        if shape.serialization.get("location") == "querystring" and given:
            found[member] = given if shape.type_name == "list" else given[0]
    return found


_SCOPE = re.compile(r"Credential=([^/]+)/[0-9]+/([^/]+)/(imagebuilder|sts|iam)/")
# Ids that begin with AKIAI, AKIAJ and the like are older and don't contain the account.
_KEY_OF_ACCOUNT = re.compile("A[KS]IA([Q-Z2-7][A-Z2-7]{15})")


def _signer(authorization: str) -> tuple[str, str, str, str]:
    """Return account, Region, service and access key id of a signature."""
    scope = _SCOPE.search(authorization)
    if scope is None:
        return ACCOUNT_ID, REGION, "imagebuilder", ""
    key_id, region_name, service = scope.groups()
    account_id = key_id if re.fullmatch("[0-9]{12}", key_id) else ACCOUNT_ID
    encoded = _KEY_OF_ACCOUNT.fullmatch(key_id)
    if encoded is not None:
        number = int.from_bytes(base64.b32decode(encoded[1])[:6], "big")
        account_id = f"{(number & 0x7FFFFFFFFF80) >> 7:012}"
    return account_id, region_name, service, key_id


def make_access_key_id(account_id: str) -> str:
    """
    Return a new access key id of temporary credentials that contains the account, as those of STS do.
    """
    # The highest bit is set in all ids that contain an account; the lowest seven don't belong to it.
    number = 1 << 47 | int(account_id) << 7 | secrets.randbits(7)
    return "ASIA" + base64.b32encode(number.to_bytes(6, "big") + secrets.token_bytes(4)).decode()
