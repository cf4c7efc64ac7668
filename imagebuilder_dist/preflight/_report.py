"""
What was found, for people and for machines.
"""

import json
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import member_name
from imagebuilder_dist._common.text import counted, escaped_markdown, key_text
from imagebuilder_dist.prerequisites import Grant, Policy, Prerequisite, Prerequisites

Status: TypeAlias = Literal["missing", "unknown", "met"]

_MARKS: Mapping[Status, str] = {"missing": "[!]", "unknown": "[?]", "met": "[x]"}
_TEXT = {"account": "{}", "finding": "  {} {}", "detail": "      {}", "code": "      {}"}
_MARKDOWN = {"account": "### {}\n", "finding": "- {} {}", "detail": "  - {}", "code": "  - `{}`"}


@attrs.frozen(kw_only=True)
class Finding:
    """
    What was seen of a prerequisite in one account.
    """

    account_id: str

    prerequisite: Prerequisite
    """Its `account_ids` has this account only."""

    status: Status
    """`missing`: the build would fail. `unknown`: it couldn't be looked at, or what was seen can't be judged."""

    evidence: str
    """What was seen, or why nothing was."""

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
        lacking = attrs.evolve(self.prerequisite, grants=self.lacking)
        return Prerequisites(owner=self.account_id, items=(lacking,)).policies()


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
    """What is good to know, such as limits, and isn't looked at."""

    requests: int
    """How many requests were sent, without retries and those that fetch credentials."""

    def __bool__(self) -> bool:
        return bool(self.missing)

    def __str__(self) -> str:
        return self._text(_TEXT, str, str(self.notes))

    def to_markdown(self) -> str:
        """
        Return the report for a pull request or a ticket.
        """
        return self._text(_MARKDOWN, escaped_markdown, self.notes.to_markdown())

    _repr_markdown_ = to_markdown

    def to_json(self) -> str:
        """
        Return the report as JSON text, for machines. The format may gain members.
        """
        about = ("kind", "region", "resource", "what", "paths")
        seen = ("account_id", "status", "evidence", "remedy", "denied_action")
        findings = [
            {
                **{member_name(name): getattr(each, name) for name in seen},
                **{member_name(name): getattr(each.prerequisite, name) for name in about},
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
        What couldn't be looked at or judged.
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

    def _text(self, style: Mapping[str, str], escaped: Callable[[str], str], notes: str) -> str:
        counts = ", ".join(f"{len(self._with(status))} {status}" for status in _MARKS)
        lines = [f"{counts}; {counted(self.requests, 'request')}"]
        accounts = dict.fromkeys(each.account_id for each in self.findings)
        for account in sorted(accounts, key=lambda each: each != self.owner):
            who = "The owner, account" if account == self.owner else "Account"
            lines += ["", style["account"].format(f"{who} {account}")]
            for each in (each for status in _MARKS for each in self._with(status) if each.account_id == account):
                need = each.prerequisite
                what = f"{key_text(need.region)}: {need.what}" if need.region else need.what
                lines.append(style["finding"].format(_MARKS[each.status], escaped(what)))
                if each.status == "met":
                    continue
                details = [each.evidence, f"to do: {each.remedy}"] if each.remedy else [each.evidence]
                lines += [style["detail"].format(escaped(detail)) for detail in details]
                lines += [style["code"].format(code) for code in (*need.paths, *map(_policy, each.policies))]
        if self.notes:
            lines += ["", notes]
        if self.denied_actions:
            lines += ["", f"To look further, the sessions must be allowed {', '.join(self.denied_actions)}."]
        return "\n".join(lines)


def _policy(policy: Policy) -> str:
    # A role's is pasted as it is, but a key has one already.
    document = policy.document["Statement"] if policy.kind == "key" else policy.document
    return f"{policy.kind} policy: {json.dumps(document)}"
