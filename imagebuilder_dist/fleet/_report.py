"""
What came of a fleet: counts, and errors by their cause, as text, Markdown and JSON.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import CancelledError
from typing import Any

import attrs

from imagebuilder_dist._client.logs import reason_of
from imagebuilder_dist._common.text import counted, cut, safe
from imagebuilder_dist.changes import Plan
from imagebuilder_dist.errors import ImageBuilderDistError, ValidationError
from imagebuilder_dist.fleet._targets import Target
from imagebuilder_dist.fleet._work import Outcome

_JSON_VERSION = 1
MAX_NAMED = 5
_MAX_MESSAGE = 300


@attrs.frozen(kw_only=True)
class Cause:
    """
    An error that some targets share.
    """

    error: str
    """The service's code, or the name of the exception's class."""

    operation: str | None
    """The API operation that failed, if one did."""

    remedy: str | None
    """What to do about the error, if that is known."""

    targets: tuple[Target, ...]
    """The targets that failed with it."""

    message: str
    """What the error of the first target says, on one line and cut."""

    @property
    def example(self) -> str:
        """
        The ARN of the first target, and what its error says.
        """
        arn = self.targets[0].arn
        return f"{arn}: {self.message}" if self.message else arn

    @property
    def accounts(self) -> Mapping[str, int]:
        """
        How many targets failed with it in each account, most first.
        """
        return dict(Counter(each.account_id for each in self.targets).most_common())

    def __str__(self) -> str:
        accounts = cut([f"{account}: {number}" for account, number in self.accounts.items()], MAX_NAMED)
        about = f"{self.error} in {self.operation}" if self.operation else self.error
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{about}: {counted(len(self.targets), 'target')} (by account: {accounts}){remedy}\n  {self.example}"


@attrs.frozen(kw_only=True)
class Summary:
    """
    What came of a fleet. `str()` formats it for a terminal.
    """

    succeeded: int
    """How many targets succeeded, including those of earlier runs with the same journal."""

    earlier: int
    """How many of them succeeded in an earlier run."""

    written: int
    """How many edits and ensures of this run wrote something; 0 for other functions."""

    unchanged: int
    """How many edits and ensures of this run found nothing to change; 0 for other functions."""

    causes: tuple[Cause, ...]
    """Why the others failed, the most frequent cause first."""

    not_begun: tuple[Target, ...]
    """Targets that the run never started."""

    @property
    def failed(self) -> int:
        """
        How many targets failed.
        """
        return sum(len(cause.targets) for cause in self.causes)

    @property
    def again(self) -> tuple[Target, ...]:
        """
        The targets to run again: those that failed, and those that weren't begun.

        They keep their `client_token` as a record of the failure; another run sets its own.
        """
        return (*(target for cause in self.causes for target in cause.targets), *self.not_begun)

    def __str__(self) -> str:
        return "\n".join([self._head(), *map(str, self.causes)])

    def _head(self) -> str:
        total = self.succeeded + self.failed + len(self.not_begun)
        counts = {"in an earlier run": self.earlier, "written": self.written, "unchanged": self.unchanged}
        known = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
        parts = [f"{self.succeeded} of {counted(total, 'target')} succeeded{f' ({known})' if known else ''}"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.not_begun:
            parts.append(f"{len(self.not_begun)} not begun")
        return ", ".join(parts)

    def to_markdown(self) -> str:
        """
        Return the summary for a pull request or a ticket: the counts, and a table of causes.
        """
        head = f"**{self._head()}**"
        if not self.causes:
            return head
        rows = [
            f"| {each.error} | {each.operation or ''} | {len(each.targets)} "
            f"| {cut([*each.accounts], MAX_NAMED)} | {each.remedy or ''} | {_code(each.example)} |"
            for each in self.causes
        ]
        table = [
            "| error | operation | targets | accounts | what to do | example |",
            "|---|---|---:|---|---|---|",
            *rows,
        ]
        return "\n".join([head, "", *table])

    def to_json(self) -> str:
        """
        Return the whole summary as JSON text, with the ARNs.

        Later versions may add members; if the meaning of one changes, so does `version`.
        """
        document = {
            "version": _JSON_VERSION,
            "succeeded": self.succeeded,
            "earlier": self.earlier,
            "written": self.written,
            "unchanged": self.unchanged,
            "failed": self.failed,
            "notBegun": [each.arn for each in self.not_begun],
            "causes": [
                {
                    "error": each.error,
                    "operation": each.operation,
                    "remedy": each.remedy,
                    "message": each.message,
                    "accounts": each.accounts,
                    "arns": [target.arn for target in each.targets],
                }
                for each in self.causes
            ],
        }
        return json.dumps(document)


def summary(outcomes: Iterable[Outcome[Any]]) -> Summary:
    """
    Consume *outcomes*, also those of a run in progress, and summarise them.

    Outcomes of targets that succeeded aren't kept, so memory grows only with the others.
    """
    succeeded = earlier = written = unchanged = 0
    not_begun: list[Target] = []
    failed: dict[tuple[str, str | None, str | None], list[Target]] = {}
    messages: dict[tuple[str, str | None, str | None], str] = {}
    for each in outcomes:
        error = each.error
        if error is None:
            succeeded += 1
            earlier += each.earlier
            result: object = each.result
            if isinstance(result, Plan):
                unchanged += not result.changes
                written += result.written
        elif isinstance(error, CancelledError):
            not_begun.append(each.target)
        else:
            cause = _cause_of(error)
            if cause not in failed:
                failed[cause], messages[cause] = [], _message_of(error)
            failed[cause].append(each.target)
    causes = [
        Cause(error=cause[0], operation=cause[1], remedy=cause[2], targets=tuple(targets), message=messages[cause])
        for cause, targets in failed.items()
    ]
    return Summary(
        succeeded=succeeded,
        earlier=earlier,
        written=written,
        unchanged=unchanged,
        causes=tuple(sorted(causes, key=lambda cause: -len(cause.targets))),
        not_begun=tuple(not_begun),
    )


def _cause_of(error: BaseException) -> tuple[str, str | None, str | None]:
    if isinstance(error, ImageBuilderDistError):
        return reason_of(error), error.operation, error.remedy
    return reason_of(error), None, None


def _message_of(error: BaseException) -> str:
    """Return what *error* says, without the remedy and the facts about the call."""
    if isinstance(error, ValidationError):
        text = "; ".join(map(str, error.issues))
    else:
        text = error.message if isinstance(error, ImageBuilderDistError) else str(error)
    line = safe(" ".join(text.split()))
    return line if len(line) <= _MAX_MESSAGE else f"{line[:_MAX_MESSAGE]}..."


def _code(text: str) -> str:
    """Return *text* as code in a cell of a Markdown table."""
    return "`{}`".format(text.replace("`", "'").replace("|", "\\|"))
