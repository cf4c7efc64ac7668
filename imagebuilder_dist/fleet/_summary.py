"""
What came of a fleet: counts, and the changes and errors that targets share.
"""

import json
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import CancelledError
from typing import Any

import attrs

from imagebuilder_dist._client.logs import reason_of
from imagebuilder_dist._common.text import counted, cut, safe
from imagebuilder_dist.changes import Change, Changes, Plan
from imagebuilder_dist.fleet._run import Outcome
from imagebuilder_dist.fleet._targets import Target

_MAX_CHANGES = 40
_MAX_MESSAGE = 300


@attrs.define
class Group:
    """
    Targets that share a change or an error.
    """

    text: str
    """The change as in a plan, once for all Regions that have it; or the error, with its remedy and an example."""

    targets: list[Target] = attrs.field(factory=list[Target])

    widens_access: bool = False
    """Whether it is a change that gives somebody access to an AMI."""

    def __str__(self) -> str:
        first, *more = self.text.splitlines()
        accounts = counted(len({each.account_id for each in self.targets}), "account")
        return "\n".join([f"{first}  ({counted(len(self.targets), 'target')} in {accounts})", *more])


@attrs.frozen(repr=False)
class Summary:
    """
    What came of a fleet, or, after a dry run, what would. It prints as text for a terminal.
    """

    counts: Counter[str]
    """
    How many targets are in each state; each is in one.

    Edits and ensures are `created`, `changed` or `unchanged`, or in a dry run `would be created` or `would be changed`;
    other jobs have `succeeded`. The others are `done earlier`, with the same journal, `failed`, or `not begun`.
    """

    changes: tuple[Group, ...]
    """What was changed, or would be: what widens access first, then the most common changes."""

    causes: tuple[Group, ...]
    """Why targets failed or weren't begun, the most common cause first."""

    @property
    def again(self) -> tuple[Target, ...]:
        """
        The targets to run again: those that failed, and those that weren't begun.
        """
        return tuple(target for cause in self.causes for target in cause.targets)

    def __repr__(self) -> str:
        states = ", ".join(f"{number} {state}" for state, number in sorted(self.counts.items()))
        head = counted(self.counts.total(), "target") + (f": {states}" if states else "")
        changes = [cut([*map(str, self.changes)], _MAX_CHANGES, "\n")] if self.changes else []
        return "\n".join([head, *changes, *map(str, self.causes)])

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
            arns = [each.arn for each in group.targets]
            return {"text": group.text, "widensAccess": group.widens_access, "arns": arns}

        changes, causes = [*map(plain, self.changes)], [*map(plain, self.causes)]
        return json.dumps({"version": 2, "counts": self.counts, "changes": changes, "causes": causes})


def summary(outcomes: Iterable[Outcome[Any]]) -> Summary:
    """
    Consume *outcomes*, also those of a run in progress, and summarise them: `summary(run(EditJob(...), ...))`.

    Outcomes aren't kept, so memory grows only with the targets that changed, failed or weren't begun.
    """
    counts: Counter[str] = Counter()
    changes: dict[object, tuple[dict[object, Change], dict[Target, None]]] = {}
    causes: dict[str, Group] = {}
    for each in outcomes:
        counts[_state_of(each)] += 1
        if each.error is not None:
            cause, text = _describe(each.error, each.target.arn)
            causes.setdefault(cause, Group(text)).targets.append(each.target)
        for change in each.result.changes if isinstance(each.result, Plan) else ():
            region, key = _key_of(change)
            by_region, targets = changes.setdefault(key, ({}, {}))
            by_region.setdefault(region, change)
            targets[each.target] = None
    groups = [_group([*by_region.values()], [*targets]) for by_region, targets in changes.values()]
    return Summary(
        counts,
        tuple(sorted(groups, key=lambda group: (not group.widens_access, -len(group.targets)))),
        tuple(sorted(causes.values(), key=lambda group: -len(group.targets))),
    )


def _state_of(outcome: Outcome[Any]) -> str:
    plan = outcome.result
    if outcome.error is not None:
        return "not begun" if isinstance(outcome.error, CancelledError) else "failed"
    if not isinstance(plan, Plan):
        return "done earlier" if outcome.earlier else "succeeded"
    done = "created" if plan.created else "changed"
    return "unchanged" if not plan.changes else done if plan.written else f"would be {done}"


def _key_of(change: Change) -> tuple[object, object]:
    """Return the Region of *change*, and what is equal for the same change in other Regions."""
    member, *below = change.location
    region = below.pop(0) if member == "distributions" and len(below) > 1 else ""
    return region, (member, *below, change.kind, change.before, change.after)


def _group(changes: list[Change], targets: list[Target]) -> Group:
    text = "\n".join(map(str, Changes(tuple(changes)).lines()))
    return Group(text, targets, any(each.widens_access for each in changes))


def _describe(error: BaseException, arn: str) -> tuple[str, str]:
    """Return what *error* has in common with others, and the same with an example: *arn* and what it says."""
    if isinstance(error, CancelledError):
        return f"not begun: {error}", f"not begun: {error}"
    operation, remedy = getattr(error, "operation", None), getattr(error, "remedy", None)
    cause = f"{reason_of(error)} in {operation}" if operation else reason_of(error)
    text = "; ".join(map(str, getattr(error, "issues", ()))) or getattr(error, "message", str(error))
    message = safe(" ".join(text.split()))[:_MAX_MESSAGE]
    lines = [cause, f"  {remedy}" if remedy else "", f"  {arn}{': ' if message else ''}{message}"]
    return cause + lines[1], "\n".join(filter(None, lines))
