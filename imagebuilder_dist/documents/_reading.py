"""
Read a file or a text: parse it, judge it once, and give every issue its line and column.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias, cast

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.text import Location, path_of
from imagebuilder_dist._shapes.converter import from_boto3, structure
from imagebuilder_dist._shapes.rules import RULES
from imagebuilder_dist._shapes.validation import check_account_id, judge
from imagebuilder_dist._shapes.walk import UNREADABLE, shape_of
from imagebuilder_dist.documents._cloudformation import TAGS, Parameters
from imagebuilder_dist.documents._forms import Form, Normaliser, recognise
from imagebuilder_dist.documents._json import JsonText
from imagebuilder_dist.documents._parsed import Lines, Parsed, Place, UnparsableError
from imagebuilder_dist.errors import ConfigurationError, DocumentError, DocumentIssue, Issue

Format: TypeAlias = Literal["json", "yaml", "cloudformation"]
Request: TypeAlias = models.CreateDistributionConfigurationRequest | models.UpdateDistributionConfigurationRequest
Content: TypeAlias = Request | models.DistributionConfiguration | tuple[models.Distribution, ...]

SYNTAX_BY_SUFFIX: Mapping[str, Literal["json", "yaml"]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}

# A text that begins with {{ or {% is a template, not JSON.
_JSON = re.compile(r"\s*(\[|\{(?![{%]))")


@attrs.frozen(kw_only=True)
class Document:
    """
    What a file describes.
    """

    content: Content
    """A request, a stored configuration, or distributions alone, depending on the file."""

    form: Form
    """What the file holds: `create`, `update`, `configuration`, `distributions`, `distribution` or `cloudformation`."""

    file: str
    """The path as passed in, or `<text>`."""

    warnings: tuple[DocumentIssue, ...] = ()
    """What the service accepts but the build doesn't do as expected, each with its line and column."""

    @property
    def distributions(self) -> tuple[models.Distribution, ...]:
        """
        The distributions, whatever the form.
        """
        return models.distributions_of(self.content)

    @property
    def request(self) -> Request:
        """
        The request to send: a create or an update; for a stored configuration, the update that would store it again.

        Raises:
            ValueError:
                If the file holds distributions alone, with neither a name nor an ARN.
        """
        if isinstance(self.content, tuple):
            raise ValueError(f"{self.file} has neither a name nor an ARN, so it isn't a request; use distributions")  # noqa: TRY004 - the type is right
        return self.content.to_request() if isinstance(self.content, models.DistributionConfiguration) else self.content


def load(
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,  # noqa: A002 - as in the command
    resource: str | None = None,
    parameters: Mapping[str, str | Sequence[str]] | None = None,
    validate: bool = True,
    owner: str | None = None,
    name: str | None = None,
) -> Document:
    """
    Read the file at *path*: a request, the response to a get, distributions, or a CloudFormation template.

    Args:
        path: The file, in UTF-8, UTF-16 or UTF-32.
        format: As for `loads`; if omitted, the file's extension decides: `.json`, or `.yaml` and `.yml`.
        resource: As for `loads`.
        parameters: As for `loads`.
        validate: As for `loads`.
        owner: As for `loads`.
        name: As for `loads`; if omitted, the path.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it can't be read, or the service would reject it; the error lists every issue.
        imagebuilder_dist.errors.ConfigurationError:
            If it is YAML, and PyYAML isn't installed.
        ValueError:
            If *owner* isn't an account id.
        OSError:
            If the file can't be opened.
    """
    file = Path(path)
    syntax = SYNTAX_BY_SUFFIX.get(file.suffix.lower())
    reader = _Reader(name or os.fspath(path), format, resource, parameters or {}, validate, owner)
    return reader.read(file.read_bytes(), syntax)


def loads(
    text: str | bytes,
    *,
    format: Format | None = None,  # noqa: A002 - as in the command
    resource: str | None = None,
    parameters: Mapping[str, str | Sequence[str]] | None = None,
    validate: bool = True,
    owner: str | None = None,
    name: str | None = None,
) -> Document:
    """
    Read a text: a request, the response to a get, distributions, or a CloudFormation template.

    In YAML, a member that the service takes as a string is read as written: `012345670123`, `no` and `1.10` too.

    Args:
        text: The text, or its bytes.
        format: `json` or `yaml`; `cloudformation`, in either syntax, accepts nothing else.
            If omitted, the extension of *name* decides as for `load`; without one, a text that begins with a brace or
            a bracket is JSON, and any other is YAML.
        resource: The logical name of the resource to read; needed if a template has several configurations.
        parameters: The values for `Ref`, `Fn::Sub`, `Fn::GetAtt` and `Fn::ImportValue`, by the names in the template:
            parameters, `AWS::Region` and other pseudo parameters, `Resource.Attribute`, names of exports.
            The template's own parameters may be omitted if they have defaults.
        validate: Whether to reject what the service would reject.
            Switch it off if AWS allows something that this version doesn't know yet.
        owner: The account that owns the configuration, as for `validate`.
        name: The name of the text in issues; if omitted, `<text>`.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it can't be read, or the service would reject it; the error lists every issue.
        imagebuilder_dist.errors.ConfigurationError:
            If it is YAML, and PyYAML isn't installed.
        ValueError:
            If *owner* isn't an account id.
    """
    syntax = SYNTAX_BY_SUFFIX.get(Path(name or "").suffix.lower())
    return _Reader(name or "<text>", format, resource, parameters or {}, validate, owner).read(text, syntax)


def yaml_module() -> ModuleType:
    """
    Return the module for YAML, which needs PyYAML.

    Raises:
        imagebuilder_dist.errors.ConfigurationError:
            If PyYAML isn't installed.
    """
    try:
        return import_module("imagebuilder_dist.documents._yaml")
    except ModuleNotFoundError:
        error = ConfigurationError("YAML needs PyYAML, which isn't installed")
        error.remedy = "pip install 'imagebuilder_dist[yaml]'"
        raise error from None


def _parsed(source: str | bytes, syntax: str | None) -> Parsed:
    encoding = "utf-8"
    if isinstance(source, str):
        source = source.encode(encoding, "surrogatepass")  # a string may contain half of a character
    else:
        encoding = json.detect_encoding(source)  # by the byte order mark, or by the positions of zero bytes
    try:
        text = source.decode(encoding)
    except UnicodeDecodeError as error:
        before = source[: error.start].decode(encoding, errors="ignore")
        raise UnparsableError(Lines(before).place(len(before)), f"isn't {error.encoding}", "encoding") from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise UnparsableError((1, 1), "is empty")
    is_json = syntax == "json" or (syntax is None and _JSON.match(text))
    return JsonText(text) if is_json else yaml_module().YamlText(text)


_READING = UNREADABLE | {"unmodelled"}
_NEED_ALL = frozenset(rule.id for rule in RULES if rule.needs_all)
_ABOUT_KEYS = frozenset({"unknown-member", "duplicate-key"})


@attrs.define
class _Reader:
    """Reads one text."""

    file: str
    format: Format | None
    resource: str | None
    parameters: Parameters
    validate: bool
    owner: str | None

    def read(self, source: str | bytes, syntax: str | None) -> Document:
        if self.owner is not None:
            check_account_id("owner", self.owner)
        if self.format in {"json", "yaml"}:
            syntax = self.format
        try:
            return self._read(_parsed(source, syntax))
        except UnparsableError as error:
            unparsable = error
        except RecursionError:
            unparsable = UnparsableError((1, 1), "is nested too deeply", "too-large")
        issue = Issue(unparsable.location, unparsable.rule, "error", str(unparsable))
        raise DocumentError([self._placed(issue, issue.location, unparsable.place, issue.path)])

    def _read(self, parsed: Parsed) -> Document:
        source = recognise(parsed, self.resource, cloudformation=self.format == "cloudformation")
        data, found = source.data, parsed.issues
        if source.form == "cloudformation" or not isinstance(parsed, JsonText):  # otherwise it is plain data already
            normaliser = Normaliser(source.form == "cloudformation", {**source.defaults, **self.parameters})
            data = normaliser.plain(data, shape_of(source.cls), source.root)
            found = [*found, *normaliser.issues]
        placed: list[DocumentIssue] = []
        for issue in found:
            place = parsed.place(issue.location, of_key=issue.rule in _ABOUT_KEYS)
            placed.append(self._placed(issue, source.in_content(issue.location), place, issue.path))
        said = {issue.location for issue in found}
        above = {at[:depth] for at in said for depth in range(len(at) + 1)}
        for issue in judge(data, source.cls, owner=self.owner):
            at = source.in_file(issue.location)
            is_reading = issue.rule in _READING
            # What is reported already may be why a rule finds something.
            looked_at = source.in_file(issue.location[:2]) if issue.rule in _NEED_ALL else at
            if (self.validate or is_reading) and looked_at not in (said if is_reading else above):
                of_key = issue.rule in _ABOUT_KEYS or (at[-2:-1] in TAGS and issue.value == at[-1])
                place = parsed.place(at, of_key=of_key)
                placed.append(self._placed(issue, issue.location[source.added :], place, path_of(at)))
        placed.sort(key=lambda issue: (issue.line, issue.column))
        if any(issue.severity == "error" for issue in placed):
            raise DocumentError(placed)
        read = from_boto3 if source.form == "configuration" else structure
        content: Any = read(data, cast(Any, source.cls))
        if source.added:
            content = content.distributions
        return Document(content=content, form=source.form, file=self.file, warnings=tuple(placed))

    def _placed(self, issue: Issue, location: Location, place: Place, path: str) -> DocumentIssue:
        message = issue.message
        if issue.rule in {"pattern", "type"} and _ACCOUNT_ID.search(path):
            message += _hint(issue.value)
        what = location, issue.rule, issue.severity, message, issue.value
        return DocumentIssue(*what, path=path, file=self.file, line=place[0], column=place[1])


_ACCOUNT_ID = re.compile(r"(accountid|(accountids|userids)\[\d+\])$", re.IGNORECASE)


def _hint(value: object) -> str:
    """Return a hint if a user or a tool took an account id for a number, which drops leading zeros."""
    digits = str(value) if isinstance(value, int | str) else ""
    if not re.fullmatch("[0-9]{1,12}", digits):
        return ""
    if len(digits) == _ACCOUNT_ID_LENGTH:
        return "; quote it"
    quoted = "quote it, with all 12 digits" if isinstance(value, int) else f"it has {len(digits)}"
    return f"; {quoted}: leading zeros may be missing"


_ACCOUNT_ID_LENGTH = 12
