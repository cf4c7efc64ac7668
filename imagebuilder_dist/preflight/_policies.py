"""
Whether a policy document allows what a grant asks for: yes, no, or not to be told from here.

It knows what AWS's own pages on sharing AMIs use. Anything else is unknown, because a wrong yes costs an hour.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, TypeAlias

from imagebuilder_dist._shapes.needs import Condition, Grant

Statement: TypeAlias = Mapping[str, Any]


class Verdict(Enum):
    """
    What a policy says about a grant.
    """

    ALLOWED = "allowed"
    NOT_ALLOWED = "not allowed"
    UNKNOWN = "unknown"


def judge(document: Mapping[str, Any], grant: Grant) -> Verdict:
    """
    Return whether *document*, a trust or a key policy, allows *grant* to each of its principals.
    """
    statements = _list(document.get("Statement"))
    if not all(isinstance(each, Mapping) for each in statements):
        return Verdict.UNKNOWN
    asked = [(principal, action) for principal in grant.principals for action in grant.actions]
    verdicts = [_judge_one(statements, principal, action, grant.condition) for principal, action in asked]
    if Verdict.NOT_ALLOWED in verdicts:
        return Verdict.NOT_ALLOWED
    return Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts else Verdict.ALLOWED


def _judge_one(
    statements: Iterable[Statement], principal: tuple[str, str], action: str, condition: tuple[Condition, ...]
) -> Verdict:
    allowed = unclear = False
    for each in statements:
        applies = _applies(each, principal, action, condition)
        if each.get("Effect") == "Deny":
            if applies is Verdict.ALLOWED:
                return Verdict.NOT_ALLOWED
            # A Deny that may concern somebody else still isn't understood well enough to call the need met.
            unclear |= applies is Verdict.UNKNOWN
        else:
            allowed |= applies is Verdict.ALLOWED
            unclear |= applies is Verdict.UNKNOWN and not allowed
    if allowed and not any(
        each.get("Effect") == "Deny" and _applies(each, principal, action, condition) is not Verdict.NOT_ALLOWED
        for each in statements
    ):
        return Verdict.ALLOWED
    return Verdict.UNKNOWN if unclear or allowed else Verdict.NOT_ALLOWED


def _applies(
    statement: Statement, principal: tuple[str, str], action: str, condition: tuple[Condition, ...]
) -> Verdict:
    """Return whether *statement* concerns the principal's action under *condition*; `NOT_ALLOWED` if it doesn't."""
    if any(key in statement for key in ("NotPrincipal", "NotAction", "NotResource")):
        return Verdict.UNKNOWN
    if not any(_matches(pattern, action) for pattern in _list(statement.get("Action"))):
        # The grant's own wildcard, such as kms:ReEncrypt*, may be spelt out; a Deny of a part of it counts, too.
        parts = [each for each in _list(statement.get("Action")) if _matches(action, str(each))]
        return Verdict.UNKNOWN if parts else Verdict.NOT_ALLOWED
    who = _is_for(statement.get("Principal"), principal)
    if who is Verdict.NOT_ALLOWED:
        return who
    if _list(statement.get("Resource", "*")) != ["*"]:
        return Verdict.UNKNOWN
    return who if _holds(statement.get("Condition") or {}, condition) else Verdict.UNKNOWN


def _is_for(principals: object, principal: tuple[str, str]) -> Verdict:
    if principals == "*":
        return Verdict.ALLOWED
    if not isinstance(principals, Mapping):
        return Verdict.UNKNOWN
    kind, name = principal
    named = [str(each) for each in _list(principals.get(kind))]
    if "*" in named or name in named:
        return Verdict.ALLOWED
    account = re.fullmatch(r"arn:[^:]*:iam::([0-9]{12}):root", name)
    if account is None:
        return Verdict.NOT_ALLOWED
    if account[1] in named:
        return Verdict.ALLOWED
    # A role or a user of the account may be the one that asks; only AWS knows.
    return Verdict.UNKNOWN if any(f"::{account[1]}:" in each for each in named) else Verdict.NOT_ALLOWED


def _holds(found: Mapping[str, Any], asked: tuple[Condition, ...]) -> bool:
    """Return whether each condition of a statement is one under which the grant is asked for."""
    known = {(operator, key.casefold()): {*values} for operator, key, values in asked}
    for operator, keys in found.items():
        for key, values in keys.items():
            needed = known.get((operator, key.casefold()))
            if needed is None or not needed <= {_text(each) for each in _list(values)}:
                return False
    return True


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _matches(pattern: object, action: str) -> bool:
    parts = re.escape(str(pattern)).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(parts, action, re.IGNORECASE) is not None


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return [*value] if isinstance(value, list | tuple) else [value]
