"""
What was found, for people and for machines.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias

import attrs

from imagebuilder_dist._common.text import counted, key_text
from imagebuilder_dist.prerequisites import Policy, Prerequisite, Prerequisites

Status: TypeAlias = Literal["met", "missing", "unknown"]
_ORDER: Sequence[Status] = ("missing", "unknown", "met")
_MARKS = {"missing": "[!]", "unknown": "[?]", "met": "[x]"}


@attrs.frozen(kw_only=True)
class Finding:
    """
    What was seen of one prerequisite.
    """

    prerequisite: Prerequisite

    status: Status
    """`unknown` if it couldn't be looked at, or if what was seen can't be judged from outside; it is never `met`."""

    evidence: str
    """What was seen, or why nothing was."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """
        The policies that would allow it; empty if it isn't about permissions.
        """
        return Prerequisites(owner=self.prerequisite.account_id, items=(self.prerequisite,)).policies()

    @property
    def remedy(self) -> str:
        """
        What to do about it; empty if it is met.
        """
        if self.status == "met":
            return ""
        if self.status == "unknown":
            return f"look whether {self.prerequisite.what}"
        statements = [
            f"allow in the {each.kind} policy of {key_text(each.name)}: {json.dumps(each.document['Statement'])}"
            for each in self.policies
        ]
        return "; ".join([f"make sure that {self.prerequisite.what}", *statements])


@attrs.frozen(kw_only=True)
class Report:
    """
    What was found in all accounts; falsy if nothing is missing. `str()` groups it by account, missing first.
    """

    owner: str

    findings: tuple[Finding, ...]
    """In the order of the checklist."""

    requests: int
    """How many requests were sent."""

    def __bool__(self) -> bool:
        return bool(self.missing)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def missing(self) -> tuple[Finding, ...]:
        """
        What is missing: the build would fail.
        """
        return self._with("missing")

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """
        What couldn't be told.
        """
        return self._with("unknown")

    def _with(self, status: Status) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.status == status)

    @property
    def summary(self) -> str:
        """
        How many of each, on one line.
        """
        counts = ", ".join(f"{len(self._with(status))} {status}" for status in _ORDER)
        return f"{counts}; {counted(self.requests, 'request')}"

    def _by_account(self) -> Iterator[tuple[str, list[Finding]]]:
        accounts = dict.fromkeys(each.prerequisite.account_id for each in self.findings)
        for account in accounts:
            own = [each for each in self.findings if each.prerequisite.account_id == account]
            yield account, sorted(own, key=lambda each: _ORDER.index(each.status))

    def __str__(self) -> str:
        lines = [self.summary]
        for account, findings in self._by_account():
            lines += ["", f"{'The owner, account' if account == self.owner else 'Account'} {account}"]
            for each in findings:
                need = each.prerequisite
                where = f"{need.region}: " if need.region else ""
                lines.append(f"  {_MARKS[each.status]} {where}{need.what}")
                if each.status != "met":
                    lines += [f"      {each.evidence}", *(f"      {path}" for path in need.paths)]
                    if each.status == "missing":
                        lines.append(f"      {each.remedy}")
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """
        Return the report as Markdown, for a pull request or a ticket.
        """
        lines = [self.summary]
        for account, findings in self._by_account():
            lines += ["", f"### {account}", "", "| | Region | what | seen | what to do |", "|---|---|---|---|---|"]
            for each in findings:
                need = each.prerequisite
                cells = [each.status, need.region or "", need.what, each.evidence, each.remedy]
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """
        Return the report as JSON: one object, with a list of findings.
        """

        def of(finding: Finding) -> dict[str, Any]:
            need = finding.prerequisite
            return {
                "status": finding.status,
                "accountId": need.account_id,
                "region": need.region,
                "kind": need.kind,
                "what": need.what,
                "paths": need.paths,
                "evidence": finding.evidence,
                "remedy": finding.remedy,
            }

        return json.dumps(
            {"owner": self.owner, "requests": self.requests, "findings": [*map(of, self.findings)]}, indent=2
        )
