"""
Read a text, and place every issue of reading and validation in it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_a, is_mapping
from imagebuilder_dist._common.text import Location, path_of
from imagebuilder_dist._shapes.converter import from_boto3, unknown_members
from imagebuilder_dist._shapes.limits import ACCOUNT_ID
from imagebuilder_dist._shapes.validation import validate
from imagebuilder_dist.documents._intrinsics import Parameters
from imagebuilder_dist.documents._parsed import Parsed, Problem, UnparsableError, step_into
from imagebuilder_dist.documents._readable import readable
from imagebuilder_dist.documents._settling import Settling
from imagebuilder_dist.documents._shapes import Form, Shape, UnrecognisedError, recognise
from imagebuilder_dist.documents._spelling import limit_at
from imagebuilder_dist.errors import DocumentError, DocumentIssue, Issue, Severity, ValidationError

Content: TypeAlias = (
    models.CreateDistributionConfigurationRequest
    | models.UpdateDistributionConfigurationRequest
    | models.DistributionConfiguration
    | tuple[models.Distribution, ...]
)


@attrs.frozen(kw_only=True)
class Options:
    """
    How to read a text, and its name in messages.
    """

    file: str
    resource: str | None
    parameters: Parameters
    cloudformation: bool
    validate: bool
    owner: str | None


@attrs.frozen
class Read:
    """
    A text's form, its content and its warnings.
    """

    form: Form
    content: Content
    warnings: tuple[DocumentIssue, ...]


def read(parse: Callable[[], Parsed], options: Options) -> Read:
    """
    Return the content of the text that *parse* parses.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If anything is wrong with it; the error lists every issue.
    """
    try:
        return _read(parse(), options)
    except UnparsableError as error:
        problem = error.problem
    except RecursionError:
        problem = Problem((1, 1), "too-large", "is nested too deeply")
    raise DocumentError([_placed(problem, options)])


def _read(parsed: Parsed, options: Options) -> Read:
    report = _Report(parsed, options)
    try:
        shape = recognise(parsed.data, options.resource, cloudformation=options.cloudformation)
        content = report.read(shape)
    except UnrecognisedError as error:
        report.add(error.location, "unrecognised", str(error), parsed.data)
    else:
        if content is not None:
            return Read(shape.form, content, report.issues)
    raise DocumentError(report.issues)


def _placed(problem: Problem, options: Options) -> DocumentIssue:
    line, column = problem.place
    return DocumentIssue(
        problem.location,
        problem.rule,
        "error",
        problem.message,
        None,
        path=path_of(problem.location),
        file=options.file,
        line=line,
        column=column,
    )


def _validated(content: Content, owner: str | None) -> Iterator[tuple[Location, Issue]]:
    if isinstance(content, models.DistributionConfiguration):
        for issue in validate(content.to_request(), owner=owner):
            # The member has another name in a response than in an update.
            yield ("arn",) if issue.location == ("distributionConfigurationArn",) else issue.location, issue
    else:
        yield from ((issue.location, issue) for issue in validate(content, owner=owner))


_ABOUT_OTHERS = frozenset(
    {"fast-launch-cross-account", "kms-default-shared", "kms-region", "ssm-account", "ssm-duplicate"}
)
"""Rules that look at more of a distribution than the location they report: any gap in it may have caused the issue."""

_ABOUT_KEYS = frozenset({"unknown-member", "duplicate-key"})


class _Report:
    """The issues of a text, with their places."""

    def __init__(self, parsed: Parsed, options: Options) -> None:
        self._parsed = parsed
        self._options = options
        self._issues = [_placed(problem, options) for problem in parsed.problems]

    @property
    def issues(self) -> tuple[DocumentIssue, ...]:
        """All issues, in the order in which they occur in the file."""
        return tuple(sorted(self._issues, key=lambda issue: (issue.line, issue.column)))

    def read(self, shape: Shape) -> Content | None:
        """Return the content, or `None` if there is an error."""
        settling = Settling(shape.is_cloudformation, {**shape.defaults, **self._options.parameters})
        data = settling.settle(shape.data, shape.cls, shape.root)
        for issue in settling.issues:
            self._add(issue, issue.location)
        gaps = {issue.location for issue in self._issues}
        try:
            content: Any = from_boto3(data, shape.cls)
        except ValidationError as error:
            for issue in error.issues:
                if shape.in_file(issue.location) not in gaps:  # otherwise it is reported already
                    self._add_in(shape, issue.location, issue)
            wrong = [issue.location for issue in error.issues]
            if self._options.validate and is_mapping(data) and () not in wrong:
                content = from_boto3(readable(data, shape.cls, wrong), shape.cls)
                self._add_validated(shape, content, gaps, {shape.in_file(each) for each in wrong})
            return None
        if isinstance(content, models.DistributionConfiguration):
            for location in unknown_members(data, shape.cls):
                message = "isn't known to this version; an update would drop it"
                self.add(shape.in_file(location), "unmodelled", message, None, severity="warning")
        described: Content = content.distributions if shape.added else content
        if self._options.validate:
            self._add_validated(shape, described, gaps, set())
        return None if any(issue.severity == "error" for issue in self._issues) else described

    def _add_validated(self, shape: Shape, content: Content, gaps: set[Location], replaced: set[Location]) -> None:
        """Add what validation finds in *content*, unless *gaps* caused it, or it is in what was *replaced*."""
        above = {at[:depth] for at in gaps | replaced for depth in range(len(at) + 1)}
        for location, issue in _validated(content, self._options.owner):
            at = shape.in_file(location)
            looked_at = shape.in_file(location[:2]) if issue.rule in _ABOUT_OTHERS else at
            is_replaced = any(at[:depth] in replaced for depth in range(len(at)))
            if looked_at not in above and not is_replaced:
                self._add_in(shape, location, issue)

    def _add_in(self, shape: Shape, location: Location, issue: Issue) -> None:
        """Add an *issue* about a *location* in the content."""
        if limit_at(shape.cls, location) == ACCOUNT_ID and issue.rule in {"pattern", "type"}:
            issue = attrs.evolve(issue, message=f"{issue.message}{_hint(issue.value)}")
        self._add(issue, shape.in_file(location))

    def _add(self, issue: Issue, at: Location) -> None:
        self.add(at, issue.rule, issue.message, issue.value, severity=issue.severity)

    def add(self, at: Location, rule: str, message: str, value: object, *, severity: Severity = "error") -> None:
        """Add an issue about the value *at* a location in the file."""
        of_key = rule in _ABOUT_KEYS or (bool(at) and value == at[-1] and step_into(self._parsed.data, at) != value)
        line, column = self._parsed.place(at, of_key=of_key)
        self._issues.append(
            DocumentIssue(
                at,
                rule,
                severity,
                message,
                value,
                path=path_of(at),
                file=self._options.file,
                line=line,
                column=column,
            )
        )


def _hint(account_id: object) -> str:
    """Return a hint if a user or a tool took an account id for a number, which drops leading zeros."""
    is_number = is_a(account_id, int)
    digits = str(account_id) if is_number or isinstance(account_id, str) else ""
    if not re.fullmatch("[0-9]{1,12}", digits):
        return ""
    if len(digits) == _ACCOUNT_ID_LENGTH:
        return "; quote it"
    quoted = "quote it, with all 12 digits" if is_number else f"it has {len(digits)}"
    return f"; {quoted}: leading zeros may be missing"


_ACCOUNT_ID_LENGTH = 12
