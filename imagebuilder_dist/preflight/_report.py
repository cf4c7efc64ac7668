"""
What was found, for people and for machines.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Literal, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import members
from imagebuilder_dist._common.text import account_blocks, counted, escaped_markdown, joined_paths, key_text, safe
from imagebuilder_dist.prerequisites import Grant, Policy, Prerequisite, Prerequisites

Status: TypeAlias = Literal["missing", "unknown", "met"]

_MARKS: Mapping[Status, str] = {"missing": "[!]", "unknown": "[?]", "met": "[x]"}
_SHOWN = 6
"""Longer lists of accounts and paths are cut."""


@attrs.frozen(kw_only=True)
class Finding:
    """
    What was seen of a prerequisite in one account.
    """

    account_id: str

    prerequisite: Prerequisite
    """Its `account_ids` has this account only."""

    status: Status
    """`missing`: the build would fail. `unknown`: it couldn't be checked, or what was found can't be judged."""

    evidence: str = attrs.field(converter=safe)
    """What was seen, or why nothing was; if it is met, the actions whose responses say so."""

    remedy: str = ""
    """What to do if it is missing; empty otherwise."""

    lacking: tuple[Grant, ...] = ()
    """What policies must allow for it, and don't."""

    denied_action: str | None = None
    """The action that the session would have had to be allowed, for example `iam:GetRole`."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """
        What to add to policies if it is missing; their statements leave out what is allowed already.
        """
        return _policies((self,))


@attrs.frozen(kw_only=True)
class Report:
    """
    What was found in all accounts; falsy if nothing is missing. `str()` groups it by account, what is missing first.
    """

    owner: str
    """The account that owns the configuration."""

    findings: tuple[Finding, ...]
    """In the order of the checklist."""

    notes: Prerequisites
    """What is good to know, such as limits, and isn't checked."""

    requests: int
    """How many requests were sent, without retries and those that fetch credentials."""

    def __bool__(self) -> bool:
        return bool(self.missing)

    def __str__(self) -> str:
        return self._text("{}", "{}", str, str(self.notes))

    def to_markdown(self) -> str:
        """
        Return the report for a pull request or a ticket.
        """
        return self._text("### {}\n", "`{}`", escaped_markdown, self.notes.to_markdown())

    _repr_markdown_ = to_markdown

    def to_json(self) -> str:
        """
        Return the report as JSON text, for machines. The format may gain members.
        """
        findings = [
            {
                **members(each, "account_id", "status", "evidence", "remedy", "denied_action"),
                **members(each.prerequisite, "kind", "region", "resource", "what", "paths"),
                "policies": [attrs.asdict(policy, recurse=False) for policy in each.policies],
            }
            for each in self.findings
        ]
        notes = json.loads(self.notes.to_json())["prerequisites"]
        return json.dumps({"owner": self.owner, "requests": self.requests, "findings": findings, "notes": notes})

    @property
    def missing(self) -> tuple[Finding, ...]:
        """
        What is missing: the build would fail.
        """
        return self._with("missing")

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """
        What couldn't be checked or judged.
        """
        return self._with("unknown")

    @property
    def denied_actions(self) -> tuple[str, ...]:
        """
        The actions that sessions would have had to be allowed, sorted.
        """
        return tuple(sorted({each.denied_action for each in self.findings if each.denied_action}))

    def _with(self, status: Status) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.status == status)

    def _text(self, heading: str, code: str, escaped: Callable[[str], str], notes: str) -> str:
        counts = ", ".join(f"{len(self._with(status))} {status}" for status in _MARKS)
        accounts = dict.fromkeys(each.account_id for each in self.findings)
        lines_of = partial(self._lines, code, escaped)
        blocks = [
            f"{counts}; {counted(self.requests, 'request')}",
            *account_blocks(accounts, self.owner, lines_of, heading=heading, escaped=escaped, most=_SHOWN),
        ]
        if self.notes:
            blocks.append(notes)
        if self.denied_actions:
            blocks.append(f"To look further, the sessions must be allowed {', '.join(self.denied_actions)}.")
        return "\n\n".join(blocks)

    def _lines(self, code: str, escaped: Callable[[str], str], account: str) -> list[str]:
        lines: list[str] = []
        own = [each for status in _MARKS for each in self._with(status) if each.account_id == account]
        for each in own:
            need = each.prerequisite
            what = f"{key_text(need.region)}: {need.what}" if need.region else need.what
            lines.append(f"- {_MARKS[each.status]} {escaped(what)}")
            if each.status == "met":
                continue
            details = [each.evidence, f"to do: {each.remedy}"] if each.remedy else [each.evidence]
            lines += [f"  - {escaped(detail)}" for detail in details]
            lines += [f"  - {code.format(path)}" for path in joined_paths(need.paths, _SHOWN)]
        for policy in _policies(own):
            name = escaped(f"add to the {policy.kind} policy of {key_text(policy.name)}")
            lines.append(f"- {name}: {code.format(json.dumps(policy.document))}")
        return lines


def _policies(findings: Iterable[Finding]) -> tuple[Policy, ...]:
    lacking = tuple(attrs.evolve(each.prerequisite, grants=each.lacking) for each in findings)
    return Prerequisites(owner="", items=lacking).policies()
