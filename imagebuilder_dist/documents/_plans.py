"""
Plans as JSON texts, to be reviewed today and applied tomorrow.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import attrs

from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.changes import Plan, diff
from imagebuilder_dist.documents._json import JsonText
from imagebuilder_dist.documents._parsed import unreadable
from imagebuilder_dist.errors import DocumentError, Issue
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, DistributionConfiguration

_FORMAT = "imagebuilder_dist plan"
_VERSION = 1
_START = 1_000


def dumps_plan(plan: Plan) -> str:
    """
    Return *plan* as a JSON text that `loads_plan` reads back.

    It holds the configuration as it was read, the wanted one, the warnings and the client token, but neither `result`
    nor `written`, nor a warning's place in a file.
    """
    return json.dumps(_as_data(plan), indent=2) + "\n"


def is_plan(text: str | bytes) -> bool:
    """
    Tell whether *text* looks like a plan that `dumps_plan` has written.
    """
    start = text[:_START]
    return f'"{_FORMAT}"' in (start if isinstance(start, str) else start.decode(errors="replace"))


def loads_plan(text: str | bytes, *, name: str | None = None) -> Plan:
    """
    Read a plan that `dumps_plan` has written, to apply it.

    Args:
        text: The text, or its bytes.
        name: The name of the text in issues; if omitted, `<text>`.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it isn't a plan, is damaged, was changed by hand, or was written by a newer version of this library.
    """

    def rejected(why: str) -> DocumentError:
        return unreadable(name or "<text>", (1, 1), why, "plan")

    try:
        decoded = text if isinstance(text, str) else text.decode(json.detect_encoding(text))
        data = JsonText(decoded.removeprefix("\ufeff"), name or "<text>").data
    except (RecursionError, UnicodeDecodeError):
        raise rejected("isn't a saved plan: it can't be decoded") from None
    if not is_mapping(data) or data.get("format") != _FORMAT:
        raise rejected("isn't a saved plan, which only dumps_plan or `plan --out` writes")
    if data.get("version") != _VERSION:
        raise rejected(f"was written by another version: its format isn't {_VERSION}; plan again")
    try:
        # Written again and compared: a plan is carried out only if every part of its file was understood.
        plan = _plan_of(data)
        if _as_data(plan) == data:
            return plan
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        pass
    # What this version doesn't know is lost in the plan, so that a newer version's file differs, too.
    raise rejected("was damaged, changed by hand, or written by a newer version; plan again")


def _as_data(plan: Plan) -> dict[str, Any]:
    before, after = plan.before, plan.after
    data: dict[str, Any] = {
        "format": _FORMAT,
        "version": _VERSION,
        "resource": after.name if before is None else before.arn,
        "region": plan.region,
        "before": None if before is None else _stored_as_data(before),
        "after": _stored_as_data(after) if isinstance(after, DistributionConfiguration) else to_boto3(after),
        "warnings": [
            {
                "location": [*each.location],
                "rule": each.rule,
                "severity": each.severity,
                "message": each.message,
                "value": each.value,
            }
            for each in plan.warnings
        ],
        "clientToken": plan.client_token,
    }
    # It protects from slips and not from forgers: whoever changes the file can change the digest, too.
    return {**data, "digest": hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()}


def _stored_as_data(configuration: DistributionConfiguration) -> dict[str, Any]:
    unmodelled = configuration.unmodelled
    return {**to_boto3(configuration), "unmodelled": None if unmodelled is None else [*unmodelled]}


def _plan_of(data: Mapping[str, Any]) -> Plan:
    before = None if data["before"] is None else _stored(data["before"])
    after = _stored(data["after"]) if before else from_boto3(data["after"], CreateDistributionConfigurationRequest)
    warnings = tuple(
        Issue(tuple(each["location"]), each["rule"], each["severity"], each["message"], each["value"])
        for each in data["warnings"]
    )
    about: Any = {"warnings": warnings, "client_token": data["clientToken"], "region": data["region"]}
    return Plan(before=before, after=after, changes=diff(before or [], after), **about)


def _stored(data: Mapping[str, Any]) -> DistributionConfiguration:
    members = {name: value for name, value in data.items() if name != "unmodelled"}
    return attrs.evolve(from_boto3(members, DistributionConfiguration), unmodelled=data["unmodelled"])
