"""
Read and write files: a text is parsed, judged once, and every issue gets its line and column.
"""

import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from operator import attrgetter, eq
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias, cast, get_args

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._common.text import Location, did_you_mean, path_of, show
from imagebuilder_dist._shapes.converter import from_boto3, read_strictly, to_boto3
from imagebuilder_dist._shapes.validation import check_account_id, judge, remember_as_valid
from imagebuilder_dist._shapes.walk import UNREADABLE, encoding_problem, shape_of
from imagebuilder_dist.documents import _functions as fn
from imagebuilder_dist.documents._cloudformation import RESOURCE_TYPE, TAGS, to_cloudformation
from imagebuilder_dist.documents._forms import Form, Source, recognise, unrecognised
from imagebuilder_dist.documents._json import JsonText
from imagebuilder_dist.documents._normaliser import Normaliser
from imagebuilder_dist.documents._parsed import Lines, Parsed, unreadable
from imagebuilder_dist.errors import ConfigurationError, DocumentError, DocumentIssue, Issue, ValidationError

Format: TypeAlias = Literal["json", "yaml", "cloudformation"]
Request: TypeAlias = models.CreateDistributionConfigurationRequest | models.UpdateDistributionConfigurationRequest
Content: TypeAlias = Request | models.DistributionConfiguration | tuple[models.Distribution, ...]

_SYNTAX_BY_SUFFIX: Mapping[str, Literal["json", "yaml"]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}

MAX_BYTES = 2**26
"""More isn't read: what the service takes is far smaller, and `/dev/zero` has no end."""

TOO_LARGE = f"has more than {MAX_BYTES // 2**20} MiB"

# JSON allows them in strings, but they could forge or hide text in a terminal.
_CONTROL = re.compile("[\x7f-\x9f]")
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
    """
    What the service accepts but the build doesn't do as expected, each with its line and column.

    A parameter to which nothing refers is a note among them.
    """

    description: str | None = None
    """The configuration's description, also that of a mapping with nothing but distributions and a description."""

    _in_file: Callable[[Location], Location] = attrs.field(default=tuple, eq=False, repr=False, alias="in_file")

    @property
    def distributions(self) -> tuple[models.Distribution, ...]:
        """
        The distributions, whatever the form.
        """
        return models.distributions_of(self.content)

    def path_of(self, location: Location) -> str:
        """
        Return the path of a *location* in the content, such as an issue's or a prerequisite's, as the file spells it.
        """
        return path_of(self._in_file(location))

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
    parameters: fn.Parameters | None = None,
    validate: bool = True,
    owner: str | None = None,
    name: str | None = None,
) -> Document:
    """
    Read the file at *path*: a request, the response to a get, distributions, or a CloudFormation template.

    Args:
        path: The file, in UTF-8, UTF-16 or UTF-32; at most 64 MiB.
        format: As for `loads`.
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
    reader = _Reader(name or os.fspath(path), format, resource, parameters or {}, validate, owner)
    with Path(path).open("rb") as file:
        return reader.read(file.read(MAX_BYTES + 1))


def loads(
    text: str | bytes,
    *,
    format: Format | None = None,  # noqa: A002 - as in the command
    resource: str | None = None,
    parameters: fn.Parameters | None = None,
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
            If omitted, the extension of *name* decides: `.json`, or `.yaml` and `.yml`.
            With any other, a text that begins with a brace or a bracket is JSON, and any other is YAML.
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
    return _Reader(name or "<text>", format, resource, parameters or {}, validate, owner).read(text)


def check(
    text: str | bytes,
    *,
    format: Format | None = None,  # noqa: A002 - as in the command
    resource: str | None = None,
    parameters: fn.Parameters | None = None,
    owner: str | None = None,
    name: str | None = None,
) -> tuple[DocumentIssue, ...]:
    """
    Return what is wrong with a text: of every configuration in it, if it is a template.

    Unlike `loads`, it doesn't need the values that only a deployment of the template knows. Each is a note, and what
    depends on it isn't validated. A template without a configuration gets a note, too.

    Args:
        text: The text, or its bytes.
        format: As for `loads`.
        resource: The logical name of the only resource to check.
        parameters: As for `loads`.
        owner: As for `loads`.
        name: As for `loads`.

    Raises:
        imagebuilder_dist.errors.ConfigurationError:
            If it is YAML, and PyYAML isn't installed.
        ValueError:
            If *owner* isn't an account id.
    """
    return _Reader(name or "<text>", format, resource, parameters or {}, validate=True, owner=owner).check(text)


def dumps(configuration: models.Configuration, *, format: Format | None = None) -> str:  # noqa: A002 - as in the command
    """
    Return *configuration* as a text that `loads` reads back, with members in the service's order and ids in quotes.

    Args:
        configuration: A request, a stored configuration, or one or several distributions.
        format: `json` or `yaml` for the AWS CLI, or `cloudformation` for a template in JSON; `json` if omitted.

    Raises:
        ValueError:
            If *format* isn't one of these.
        imagebuilder_dist.errors.ValidationError:
            If a string isn't text, or CloudFormation doesn't support a setting.
        imagebuilder_dist.errors.ConfigurationError:
            If *format* is `yaml`, and PyYAML isn't installed.
    """
    if format not in {None, *get_args(Format)}:
        raise ValueError(f"format must be json, yaml or cloudformation, not {show(format)}")
    if format == "cloudformation":  # whole, as cfn-lint and a deployment take it
        data = {"Resources": {"DistributionConfiguration": to_cloudformation(configuration)}}
    else:
        data = _plain(configuration)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if encoding_problem(text):
        message = "isn't text: it contains half of a character"
        raise ValidationError([Issue((), "encoding", "error", message)])
    if format != "yaml":
        return _CONTROL.sub(lambda char: f"\\u{ord(char[0]):04x}", text) + "\n"
    return str(_yaml().dump_yaml(data))


def _plain(configuration: models.Configuration) -> Any:
    if isinstance(configuration, models.Distribution | Request | models.DistributionConfiguration):
        return {member: value for member, value in to_boto3(configuration).items() if member != "requestId"}
    return [to_boto3(each) for each in models.distributions_of(configuration)]


def dump(
    configuration: models.Configuration,
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,  # noqa: A002 - as above
) -> None:
    """
    Write *configuration* to the file at *path*, in the form of `dumps`; if that fails, the file is unchanged.

    Args:
        configuration: A request, a stored configuration, or one or several distributions.
        path: The file; an existing file is replaced, and keeps its permissions.
        format: As for `dumps`; if omitted, the file's extension decides: `.json`, `.yaml` or `.yml`.

    Raises:
        ValueError:
            If *format* is omitted, and the file has another extension.
        imagebuilder_dist.errors.ValidationError:
            If a string isn't text, or CloudFormation doesn't support a setting.
        imagebuilder_dist.errors.ConfigurationError:
            If *format* is `yaml`, and PyYAML isn't installed.
        OSError:
            If the file can't be written.
    """
    file = Path(path).resolve()  # a symbolic link stays one
    by_suffix = _SYNTAX_BY_SUFFIX.get(file.suffix.lower())
    if format is None and by_suffix is None:
        raise ValueError(f"give a format: {show(file.name)} doesn't end in {', '.join(_SYNTAX_BY_SUFFIX)}")
    text = dumps(configuration, format=format or by_suffix)
    beside = file.with_name(f".{file.name}.{uuid.uuid4()}")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        if file.exists():
            shutil.copymode(file, beside)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _yaml() -> ModuleType:
    """Return the module for YAML."""
    try:
        return import_module("imagebuilder_dist.documents._yaml")
    except ModuleNotFoundError:
        error = ConfigurationError("YAML needs PyYAML, which isn't installed")
        error.remedy = "pip install pyyaml"
        raise error from None


def _parsed(source: str | bytes, syntax: str | None, file: str) -> Parsed:
    if len(source) > MAX_BYTES:
        raise unreadable(file, (1, 1), TOO_LARGE, "too-large")
    encoding = "utf-8"
    if isinstance(source, str):
        source = source.encode(encoding, "surrogatepass")  # a string may contain half of a character
    else:
        encoding = json.detect_encoding(source)  # by the byte order mark, or by the positions of zero bytes
    try:
        text = source.decode(encoding)
    except UnicodeDecodeError as error:
        before = source[: error.start].decode(encoding, errors="ignore")
        place = Lines(before).place(len(before))
        raise unreadable(file, place, f"isn't {error.encoding}", "encoding") from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise unreadable(file, (1, 1), "is empty")
    is_json = syntax == "json" or (syntax is None and _JSON.match(text))
    return JsonText(text, file) if is_json else _yaml().YamlText(text, file)


# CloudFormation's schema requires fewer members than the API.
_REQUIRED = frozenset({"name", "distributions", "region"})
_NONE = f"has no {RESOURCE_TYPE}, unless a macro or Fn::ForEach adds one"
_READING = UNREADABLE | {"unmodelled"}
_PLACE = attrgetter("line", "column")
_ABOUT_KEYS = frozenset({"unknown-member", "duplicate-key"})


@attrs.define
class _Reader:
    """Reads one text."""

    file: str
    format: Format | None
    resource: str | None
    parameters: fn.Parameters
    validate: bool
    owner: str | None
    is_check: bool = False
    _named: set[str] = attrs.field(factory=set[str], init=False)

    def read(self, text: str | bytes) -> Document:
        parsed, judged = self._judged(text)
        if len(judged) != 1:
            names = ", ".join(show(source.root[-2]) for source, _, _ in judged)
            several = f"has several {RESOURCE_TYPE}: {names}; choose one: --resource NAME"
            raise unrecognised(parsed, several if judged else _NONE)
        [(source, content, issues)] = judged
        if any(issue.severity == "error" for issue in issues):
            raise DocumentError(issues)
        if is_mapping(content):
            content = from_boto3(content, cast(Any, source.cls))
        if self.validate and not issues:
            remember_as_valid(content)
        description = content.description
        if source.form in {"distributions", "distribution"}:
            content = content.distributions
        in_file = attrs.evolve(source, data=None, template={}).in_file  # the document needn't keep the data
        about: Any = {"file": self.file, "description": description, "in_file": in_file}
        return Document(content=content, form=source.form, warnings=(*issues, *self._unused(parsed)), **about)

    def check(self, text: str | bytes) -> tuple[DocumentIssue, ...]:
        self.is_check = True
        try:
            parsed, judged = self._judged(text)
        except DocumentError as error:
            return error.issues
        found = dict.fromkeys([issue for _, _, issues in judged for issue in issues])  # the parser's are in each
        none = [] if judged else [self._placed(parsed, Issue((), "no-configuration", "note", _NONE), (), ())]
        return tuple(sorted([*none, *self._unused(parsed), *found], key=_PLACE))

    def _judged(self, text: str | bytes) -> tuple[Parsed, list[tuple[Source, Any, list[DocumentIssue]]]]:
        """Return each configuration, or its plain data if that can't be read strictly, and what is wrong with it."""
        if self.owner is not None:
            check_account_id("owner", self.owner)
        by_suffix = _SYNTAX_BY_SUFFIX.get(os.path.splitext(self.file)[1].lower())  # noqa: PTH122 - pathlib takes longer
        syntax = self.format if self.format in {"json", "yaml"} else by_suffix
        judged: list[tuple[Source, Any, list[DocumentIssue]]] = []
        try:
            parsed = _parsed(text, syntax, self.file)
            for source in recognise(parsed, self.resource, cloudformation=self.format == "cloudformation"):
                functions = fn.Functions(source.template, fn.with_pseudo_parameters(self.parameters, self.owner))
                is_met = source.condition is None or functions.resolved({"Condition": source.condition})
                if is_met is not False:
                    at = (*source.root[:-1], "Condition")
                    unknown = [self._placed(parsed, each, at, at) for each in self._unresolved(is_met)]
                    content, issues = self._judge(parsed, source, functions)
                    judged.append((source, content, [*unknown, *issues]))
        except RecursionError:
            raise unreadable(self.file, (1, 1), "is nested too deeply", "too-large") from None
        return parsed, judged

    def _unused(self, parsed: Parsed) -> Iterator[DocumentIssue]:
        """Yield a note for each parameter to which nothing refers, which may be misspelt."""
        if not self.parameters:
            return
        template: Any = parsed.data if is_mapping(parsed.data) else {}
        functions = fn.Functions(template, self.parameters)
        functions.look_up_all([template, [{"Ref": name} for name in template.get("Parameters") or ()]])
        names = sorted(each for each in functions.names if isinstance(each, str))
        for name in self.parameters:
            if name not in names and not name.startswith("AWS::"):
                hint = did_you_mean(name, names) or f"; there are {', '.join(map(show, names)) or 'none'}"
                message = f"nothing refers to the parameter {show(name)}{hint}"
                yield self._placed(parsed, Issue((), "unused-parameter", "note", message, name), (), ())

    def _judge(self, parsed: Parsed, source: Source, functions: fn.Functions) -> tuple[Any, list[DocumentIssue]]:
        data: object = source.data
        # Mistakes in other resources are for other tools.
        issues = [each for each in parsed.issues if all(map(eq, each.location, source.root))]
        is_template = source.form == "cloudformation"
        if is_template or not isinstance(parsed, JsonText):  # otherwise it is plain data already
            normaliser = Normaliser(functions if is_template else None)
            data = normaliser.plain(data, shape_of(source.cls), source.root)
            issues += normaliser.issues
        found = [(issue, issue.location, source.in_content(issue.location)) for issue in issues]
        content: Any = read_strictly(data, cast(Any, source.cls))
        distributions = None if content is None else content.distributions
        for issue in judge(data, source.cls, owner=self.owner, distributions=distributions):
            at, location = source.in_file(issue.location), issue.location[source.added :]
            if isinstance(issue.value, fn.Unknown | fn.FunctionError):
                found += [(each, at, location) for each in self._unresolved(issue.value)]
            elif is_template and issue.rule == "unknown-member":
                continue  # the normaliser has said so in CloudFormation's words
            elif self.is_check and is_template and issue.rule == "required" and issue.location[-1] not in _REQUIRED:
                message = "is required by the API, though not by CloudFormation"
                found.append((Issue((), "required", "warning", message), at, location))
            elif self.validate or issue.rule in _READING:
                found.append((issue, at, location))
        return data if content is None else content, sorted([self._placed(parsed, *each) for each in found], key=_PLACE)

    def _unresolved(self, value: object) -> Iterator[Issue]:
        """Yield the issues of what stands for a value that can't be told."""
        if isinstance(value, fn.FunctionError):
            yield Issue((), "function", "error", str(value))
        for name in value.names if isinstance(value, fn.Unknown) else ():
            if name not in self._named:
                self._named.add(name)
                known_by = _OPTIONS.get(name, _PROCESSED if fn.MACRO.match(name) else f"--parameter {name}=VALUE")
                message = f"depends on {show(name)}, whose value isn't known here: {known_by}"
                yield Issue((), "unresolved", "note" if self.is_check else "error", message)

    def _placed(self, parsed: Parsed, issue: Issue, at: Location, location: Location) -> DocumentIssue:
        of_key = issue.rule in _ABOUT_KEYS or (at[-2:-1] in TAGS and issue.value == at[-1])
        line, column = parsed.place(at, of_key=of_key)
        path, message = path_of(at), issue.message
        if issue.rule in {"pattern", "type"} and _ACCOUNT_ID.search(path):
            message += _hint(issue.value)
        what = location, issue.rule, issue.severity, message, issue.value
        return DocumentIssue(*what, path=path, file=self.file, line=line, column=column)


# The command's; in Python, all are parameters, and the owner is an argument, too.
_OPTIONS = {
    "AWS::AccountId": "--owner ACCOUNT-ID",
    **dict.fromkeys(("AWS::Partition", "AWS::Region", "AWS::URLSuffix"), "--region REGION"),
}

# What it stands for isn't one value.
_PROCESSED = "`aws cloudformation get-template --template-stage Processed --query TemplateBody` prints what it becomes"

_ACCOUNT_ID = re.compile(r"(accountid|(accountids|userids)\[\d+\])$", re.IGNORECASE)


def _hint(account_id: object) -> str:
    """Return a hint if a user or a tool took an account id for a number, which drops leading zeros."""
    if type(account_id) is int:
        return "; quote it, with all 12 digits"
    if isinstance(account_id, str) and re.fullmatch("[0-9]{1,11}", account_id):
        return f"; it has {len(account_id)}: leading zeros may be missing"
    return ""
