"""
One plan for many configurations: a change that several of them share is shown once, with their number.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from imagebuilder_dist import _report
from imagebuilder_dist._common.text import counted
from imagebuilder_dist.changes import Change, Plan
from imagebuilder_dist.fleet._report import Summary, summary
from imagebuilder_dist.fleet._work import Outcome

_JSON_VERSION = 1
_MAX_GROUPS = 40
# Below `distributions`, the location of a change inside a Region has more steps than this.
_REGION = 1
_PLANNED = ("would change", "would be created", "would stay")


@attrs.frozen(kw_only=True, repr=False)
class CommonChange:
    """
    A change that one or more configurations share.
    """

    changes: tuple[Change, ...]
    """The change, once for each Region in which any of the configurations has it."""

    arns: tuple[str, ...]
    """The ARNs of the configurations."""

    @property
    def widens_access(self) -> bool:
        """
        Whether it gives somebody access to the AMI.
        """
        return any(each.widens_access for each in self.changes)

    def __str__(self) -> str:
        first, *more = map(str, _report.lines(self.changes))
        return "\n".join([f"{first}  ({counted(len(self.arns), 'configuration')})", *more])

    def __repr__(self) -> str:
        return f"<CommonChange: {self}>"


@attrs.frozen(kw_only=True, repr=False)
class FleetPlan:
    """
    What a run would change, or has changed.

    `str()` formats it for a terminal; what gives somebody access is marked, and comes first.
    """

    changes: tuple[CommonChange, ...]
    """The changes: those that widen access first, then the most common ones."""

    changed: int
    """How many configurations would change, including those that would be created."""

    created: int
    """How many configurations would be created."""

    summary: Summary
    """The summary of the dry run; targets that couldn't be planned aren't in the plan."""

    @property
    def widens_access(self) -> bool:
        """
        Whether any change gives somebody access to an AMI.
        """
        return any(each.widens_access for each in self.changes)

    def __str__(self) -> str:
        return "\n".join([*self._head(), *self._lines()])

    def __repr__(self) -> str:
        return f"<FleetPlan: {self._head()[0]}>"

    def _head(self) -> list[str]:
        change, create, stay = ("changed", "created", "stayed") if self.summary.written else _PLANNED
        created = f" ({self.created} {create})" if self.created else ""
        same = self.summary.succeeded - self.changed
        head = f"{counted(self.changed, 'configuration')} {change}{created}, {same} {stay} the same"
        return [head, str(self.summary)] if self.summary.again else [head]

    def _lines(self) -> Iterator[str]:
        yield from map(str, self.changes[:_MAX_GROUPS])
        if len(self.changes) > _MAX_GROUPS:
            yield f"  ... {counted(len(self.changes) - _MAX_GROUPS, 'more change')}"

    def to_markdown(self) -> str:
        """
        Return the plan for a pull request: the counts, and the changes in a code block, with a diff's colours.
        """
        head, *rest = self._head()
        parts = [f"**{head}**", *(self.summary.to_markdown() for _ in rest)]
        # GitHub colours a changed line if it starts with an exclamation mark.
        lines = [line.replace("~", "!", 1) if line.startswith("~") else line for line in self._lines()]
        block = "\n".join(["```diff", *lines, "```"])
        return "\n\n".join([*parts, block] if lines else parts)

    def to_json(self) -> str:
        """
        Return the whole plan as JSON text, with the ARNs.

        Later versions may add members; if the meaning of one changes, so does `version`.
        """
        document = {
            "version": _JSON_VERSION,
            "changed": self.changed,
            "created": self.created,
            "summary": json.loads(self.summary.to_json()),
            "changes": [
                {
                    "text": str(each),
                    "paths": [change.path for change in each.changes],
                    "widensAccess": each.widens_access,
                    "arns": each.arns,
                }
                for each in self.changes
            ],
        }
        return json.dumps(document)


@attrs.define
class _Group:
    """Equal changes by Region, and the ARNs of the configurations that have them."""

    by_region: dict[str, Change] = attrs.field(factory=dict[str, Change])
    arns: dict[str, None] = attrs.field(factory=dict[str, None])


def plan_all(outcomes: Iterable[Outcome[Plan]]) -> FleetPlan:
    """
    Combine the *outcomes* of a dry run into one plan: `plan_all(edit_all(..., dry_run=True))`.
    """
    groups: dict[tuple[Any, ...], _Group] = {}
    changed: set[str] = set()
    created = 0

    def collect() -> Iterator[Outcome[Any]]:
        nonlocal created
        for outcome in outcomes:
            planned = outcome.result
            if planned is not None and planned.changes:
                arn = outcome.target.arn
                changed.add(arn)
                created += planned.created
                for change in planned.changes:
                    _add(groups, arn, change)
            yield outcome

    result = summary(collect())
    common = [
        CommonChange(changes=tuple(group.by_region.values()), arns=tuple(group.arns)) for group in groups.values()
    ]
    common.sort(key=lambda each: (not each.widens_access, -len(each.arns)))
    return FleetPlan(changes=tuple(common), changed=len(changed), created=created, summary=result)


def _add(groups: dict[tuple[Any, ...], _Group], arn: str, change: Change) -> None:
    member, *rest = change.location
    inside = member == "distributions" and len(rest) > _REGION
    region, below = (rest[0], rest[1:]) if inside else ("", rest)
    group = groups.setdefault((member, *below, change.kind, change.before, change.after), _Group())
    group.by_region.setdefault(region, change)
    group.arns[arn] = None
