"""
What came of a fleet: counts, the changes and the errors that targets share.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import CancelledError
from typing import Any

import attrs

from imagebuilder_dist._client.logs import reason_of
from imagebuilder_dist._common.text import counted, safe
from imagebuilder_dist.changes import Change, Changes, Plan
from imagebuilder_dist.errors import ImageBuilderDistError, ValidationError
from imagebuilder_dist.fleet._run import Outcome
from imagebuilder_dist.fleet._targets import Target

_JSON_VERSION = 2
_MAX_GROUPS = 40
_MAX_MESSAGE = 300
_STATES = ("succeeded", "done earlier", "would be created", "would change", "created", "changed", "unchanged", "failed")
_NOT_BEGUN = "not begun"


@attrs.frozen(kw_only=True)
class Group:
    """
    A change or an error that some targets share.
    """

    text: str
    """The change as in a plan, once for all Regions that have it; or the error, with its remedy and an example."""

    targets: tuple[Target, ...]
    """The targets that have it."""

    widens_access: bool = False
    """Whether it is a change that gives somebody access to an AMI."""

    def __str__(self) -> str:
        first, *more = self.text.splitlines()
        accounts = counted(len({each.account_id for each in self.targets}), "account")
        return "\n".join([f"{first}  ({counted(len(self.targets), 'target')} in {accounts})", *more])


@attrs.frozen(kw_only=True, repr=False)
class Summary:
    """
    What came of a fleet, or, after a dry run, what would. `str()` formats it for a terminal.
    """

    counts: Mapping[str, int]
    """
    How many targets are in each state; each is in one.

    Edits and ensures are `created`, `changed` or `unchanged`, or in a dry run `would be created` or `would change`;
    other jobs have `succeeded`. The others are `done earlier`, with the same journal, `failed`, or `not begun`.
    """

    changes: tuple[Group, ...]
    """The changes: those that widen access first, then the most common ones."""

    causes: tuple[Group, ...]
    """Why targets failed, the most common cause first."""

    again: tuple[Target, ...]
    """The targets to run again: those that failed, and those that weren't begun."""

    reason: str
    """Why the run ended before it had begun all targets; empty if it didn't."""

    def __str__(self) -> str:
        reasons = {_NOT_BEGUN: f" ({self.reason})"}
        parts = [f"{number} {state}{reasons.get(state, '')}" for state, number in self.counts.items() if number]
        head = ": ".join([counted(sum(self.counts.values()), "target"), *filter(None, [", ".join(parts)])])
        more = len(self.changes) - _MAX_GROUPS
        cut = [f"  ... {counted(more, 'more change')}"] if more > 0 else []
        return "\n".join([head, *map(str, self.changes[:_MAX_GROUPS]), *cut, *map(str, self.causes)])

    def __repr__(self) -> str:
        return f"<Summary of {str(self).splitlines()[0]}>"

    def to_markdown(self) -> str:
        """
        Return the summary for a pull request: the counts, and the rest in a code block, with a diff's colours.
        """
        head, *lines = str(self).splitlines()
        # GitHub colours a changed line if it starts with an exclamation mark.
        coloured = [line.replace("~", "!", 1) if line.startswith("~") else line for line in lines]
        return "\n".join([f"**{head}**", *(["", "```diff", *coloured, "```"] if lines else [])])

    def to_json(self) -> str:
        """
        Return the whole summary as JSON text, with the ARNs.

        Later versions may add members; if the meaning of one changes, so does `version`.
        """

        def plain(group: Group) -> dict[str, Any]:
            arns = [target.arn for target in group.targets]
            return {"text": group.text, "widensAccess": group.widens_access, "arns": arns}

        document = {
            "version": _JSON_VERSION,
            "counts": self.counts,
            "changes": [*map(plain, self.changes)],
            "causes": [*map(plain, self.causes)],
            "again": [target.arn for target in self.again],
            "reason": self.reason,
        }
        return json.dumps(document)


def summary(outcomes: Iterable[Outcome[Any]]) -> Summary:
    """
    Consume *outcomes*, also those of a run in progress, and summarise them: `summary(run(EditJob(...), ...))`.

    Outcomes aren't kept, so memory grows only with the targets that changed, failed or weren't begun.
    """
    counts = dict.fromkeys([*_STATES, _NOT_BEGUN], 0)
    changes: defaultdict[object, tuple[dict[object, Change], dict[Target, None]]] = defaultdict(lambda: ({}, {}))
    causes: dict[object, tuple[str, list[Target]]] = {}
    not_begun: list[Target] = []
    reason = ""
    for each in outcomes:
        error, target = each.error, each.target
        if isinstance(error, CancelledError):
            counts[_NOT_BEGUN] += 1
            not_begun.append(target)
            reason = reason or str(error)
        elif error is not None:
            counts["failed"] += 1
            cause = _cause_of(error)
            example = ": ".join(filter(None, [target.arn, _message_of(error)]))
            _, failed = causes.setdefault(cause, (f"{cause}\n  {example}", []))
            failed.append(target)
        else:
            counts[_state_of(each)] += 1
            for change in each.result.changes if isinstance(each.result, Plan) else ():
                region, key = _key_of(change)
                by_region, having = changes[key]
                by_region.setdefault(region, change)
                having[target] = None
    groups = [_group(tuple(by_region.values()), tuple(having)) for by_region, having in changes.values()]
    failures = [Group(text=text, targets=tuple(targets)) for text, targets in causes.values()]
    return Summary(
        counts=counts,
        changes=tuple(sorted(groups, key=lambda group: (not group.widens_access, -len(group.targets)))),
        causes=tuple(sorted(failures, key=lambda group: -len(group.targets))),
        again=tuple(target for group in failures for target in group.targets) + tuple(not_begun),
        reason=reason,
    )


def _state_of(outcome: Outcome[Any]) -> str:
    plan = outcome.result
    if not isinstance(plan, Plan):
        return "done earlier" if outcome.earlier else "succeeded"
    if not plan.changes:
        return "unchanged"
    if plan.written:
        return "created" if plan.created else "changed"
    return "would be created" if plan.created else "would change"


def _key_of(change: Change) -> tuple[object, object]:
    """Return the Region of *change*, and what is equal for the same change in other Regions."""
    member, *rest = change.location
    in_region = member == "distributions" and len(rest) > 1
    region, below = (rest[0], rest[1:]) if in_region else ("", rest)
    return region, (member, *below, change.kind, change.before, change.after)


def _group(changes: tuple[Change, ...], targets: tuple[Target, ...]) -> Group:
    text = "\n".join(map(str, Changes(changes).lines()))
    return Group(text=text, targets=targets, widens_access=any(each.widens_access for each in changes))


def _cause_of(error: BaseException) -> str:
    """Return what *error* has in common with others."""
    operation, remedy = getattr(error, "operation", None), getattr(error, "remedy", None)
    about = f"{reason_of(error)} in {operation}" if operation else reason_of(error)
    return f"{about}\n  {remedy}" if remedy else about


def _message_of(error: BaseException) -> str:
    """Return what *error* says, without the remedy and the facts about the call, on one line."""
    if isinstance(error, ValidationError):
        text = "; ".join(map(str, error.issues))
    else:
        text = error.message if isinstance(error, ImageBuilderDistError) else str(error)
    line = safe(" ".join(text.split()))
    return line if len(line) <= _MAX_MESSAGE else f"{line[:_MAX_MESSAGE]}..."
