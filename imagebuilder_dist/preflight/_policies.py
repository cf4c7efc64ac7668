"""
Whether a trust or a key policy allows what a grant asks for: yes, no, or not to be told from here.

It knows what AWS's own pages on sharing AMIs use. Anything else can't be told, because a wrong yes costs an hour.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

import attrs

from imagebuilder_dist._common.arns import account_of_arn
from imagebuilder_dist._shapes.needs import Condition, Grant

# A simulation takes no wildcards, and policies may spell out what the grant abbreviates.
_SPELT_OUT = {
    "kms:GenerateDataKey*": ("kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"),
    "kms:ReEncrypt*": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "ec2:Describe*": ("ec2:DescribeImages", "ec2:DescribeSnapshots"),
}


def spelt_out(actions: Iterable[str]) -> tuple[str, ...]:
    """
    Return *actions* with those that their wildcards stand for in a build.
    """
    return tuple(each for action in actions for each in _SPELT_OUT.get(action, (action,)))


def verdicts(document: Mapping[str, Any], grant: Grant) -> dict[Grant, bool | None]:
    """
    Return whether the policy *document* allows each action of *grant* to each principal; `None` if that can't be told.
    """
    actions = spelt_out(grant.actions)
    each = [attrs.evolve(grant, principals=(who,), actions=(what,)) for who in grant.principals for what in actions]
    return {part: _allows(document, part) for part in each}


def _allows(document: Mapping[str, Any], grant: Grant) -> bool | None:
    """Return whether *document* allows *grant*, which has one principal and one action."""
    statements = _list(document["Statement"])
    allowed = {_concerns(each, grant) for each in statements if each["Effect"] == "Allow"}
    denied = {_concerns(each, grant) for each in statements if each["Effect"] == "Deny"}
    if True in denied or allowed <= {False}:
        return False
    return True if True in allowed and None not in denied else None


def _concerns(statement: Mapping[str, Any], grant: Grant) -> bool | None:
    if statement.keys() & {"NotPrincipal", "NotAction"}:
        return None
    action = grant.actions[0].casefold()
    if not any(fnmatchcase(action, each.casefold()) for each in _list(statement["Action"])):
        return False
    is_for = _is_for(statement["Principal"], *grant.principals[0])
    sure = _list(statement.get("Resource", "*")) == ["*"] and _holds(statement.get("Condition", {}), grant.condition)
    return is_for if sure or is_for is False else None


def _is_for(principals: object, kind: str, name: str) -> bool | None:
    by_kind = cast("Mapping[str, Any]", principals if isinstance(principals, Mapping) else {"AWS": principals})
    if "*" in _list(by_kind.get("AWS", [])):
        return True if kind == "AWS" else None  # whether that includes a service isn't documented
    named = _list(by_kind.get(kind, []))
    account = account_of_arn(name)
    if name in named or account in named:
        return True
    # Of an account, a role may be allowed, or denied, that turns out to be the one that asks.
    return None if any(name == "*" or f"::{account}:" in each for each in named) else False


def _holds(found: Mapping[str, Mapping[str, Any]], asked: tuple[Condition, ...]) -> bool:
    """Return whether everything that a statement's condition requires is given."""
    given = {(operator, key.casefold()): values for operator, key, values in asked}
    for operator, keys in found.items():
        for key, values in keys.items():
            allowed = [str(each).lower() if isinstance(each, bool) else each for each in _list(values)]
            if not {*given.get((operator, key.casefold()), [None])} <= {*allowed}:
                return False
    return True


def _list(value: Any) -> list[Any]:
    items: list[Any] = cast("Any", value) if isinstance(value, list) else [value]
    return items
