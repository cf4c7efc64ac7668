"""
Distribution configurations in files: JSON, YAML and CloudFormation. Every issue has its file, line and column.

>>> document = loads('{"name": "web", "distributions": [{"region": "us-west-2", "ssmParameterConfigurations": '
...                  '[{"parameterName": "/ami/web"}]}]}')
>>> document.request.name
'web'
"""

import json
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import check_tuple
from imagebuilder_dist._common.text import describe, show
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist.documents import _schema
from imagebuilder_dist.documents._cloudformation import resource_of
from imagebuilder_dist.documents._picture import draw
from imagebuilder_dist.documents._reading import Content, Options, read
from imagebuilder_dist.documents._schema import Spelling
from imagebuilder_dist.documents._shapes import Form
from imagebuilder_dist.documents._texts import SURROGATE, Syntax, missing_yaml, parse
from imagebuilder_dist.errors import DocumentIssue, Issue, ValidationError

__all__ = [
    "Content",
    "Document",
    "Form",
    "Format",
    "Request",
    "Spelling",
    "dump",
    "dumps",
    "json_schema",
    "load",
    "loads",
    "to_cloudformation",
    "to_mermaid",
]

Format: TypeAlias = Literal["json", "yaml", "cloudformation"]
Request: TypeAlias = models.CreateDistributionConfigurationRequest | models.UpdateDistributionConfigurationRequest

_SYNTAX_BY_SUFFIX: Mapping[str, Syntax] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


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
        return self.content if isinstance(self.content, tuple) else self.content.distributions

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
    syntax: Syntax | None = _SYNTAX_BY_SUFFIX.get(file.suffix.lower())
    return _read(
        file.read_bytes(),
        syntax if format is None or format == "cloudformation" else format,
        Options(
            file=os.fspath(path),
            resource=resource,
            parameters=parameters or {},
            cloudformation=format == "cloudformation",
            validate=validate,
            owner=owner,
        ),
    )


def loads(
    text: str | bytes,
    *,
    format: Format | None = None,  # noqa: A002 - as in the command
    resource: str | None = None,
    parameters: Mapping[str, str | Sequence[str]] | None = None,
    validate: bool = True,
    owner: str | None = None,
    name: str = "<text>",
) -> Document:
    """
    Read a text: a request, the response to a get, distributions, or a CloudFormation template.

    In YAML, a member that the service takes as a string is read as written: `012345670123`, `no` and `1.10` too.

    Args:
        text: The text, or its bytes.
        format: `json` or `yaml`; `cloudformation`, in either syntax, accepts nothing else.
            If omitted, a text that begins with a brace or a bracket is JSON, and any other is YAML.
        resource: The logical name of the resource to read; needed if a template has several configurations.
        parameters: The values for `Ref`, `Fn::Sub`, `Fn::GetAtt` and `Fn::ImportValue`, by the names in the template:
            parameters, `AWS::Region` and other pseudo parameters, `Resource.Attribute`, names of exports.
            The template's own parameters may be omitted if they have defaults.
        validate: Whether to reject what the service would reject.
            Switch it off if AWS allows something that this version doesn't know yet.
        owner: The account that owns the configuration, as for `validate`.
        name: The name of the text in issues.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it can't be read, or the service would reject it; the error lists every issue.
        imagebuilder_dist.errors.ConfigurationError:
            If it is YAML, and PyYAML isn't installed.
        ValueError:
            If *owner* isn't an account id.
    """
    return _read(
        text,
        None if format == "cloudformation" else format,
        Options(
            file=name,
            resource=resource,
            parameters=parameters or {},
            cloudformation=format == "cloudformation",
            validate=validate,
            owner=owner,
        ),
    )


def _read(source: str | bytes, syntax: Syntax | None, options: Options) -> Document:
    found = read(partial(parse, source, syntax), options)
    return Document(content=found.content, form=found.form, file=options.file, warnings=found.warnings)


def dumps(content: Content, format: Format) -> str:  # noqa: A002 - as in the command
    """
    Return *content* as a text that `loads` reads back, with members in the service's order and ids in quotes.

    Args:
        content: A request, a stored configuration or distributions.
        format: `json` or `yaml` for the AWS CLI, or `cloudformation` for a resource in JSON.

    Raises:
        ValueError:
            If *format* isn't one of these.
        imagebuilder_dist.errors.ValidationError:
            If a string isn't text, or CloudFormation doesn't support a setting.
        imagebuilder_dist.errors.ConfigurationError:
            If *format* is `yaml`, and PyYAML isn't installed.
    """
    if format not in get_args(Format):
        raise ValueError(f"format must be json, yaml or cloudformation, not {show(format)}")
    data = _data(content) if format != "cloudformation" else to_cloudformation(content)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if SURROGATE.search(text):
        message = "isn't text: it contains half of a character"
        raise ValidationError([Issue((), "encoding", "error", message)])
    if format != "yaml":
        return text + "\n"
    try:
        from imagebuilder_dist.documents._yaml import dump_yaml  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError:
        raise missing_yaml() from None
    return dump_yaml(data)


def dump(content: Content, path: str | os.PathLike[str], *, format: Format | None = None) -> None:  # noqa: A002 - as above
    """
    Write *content* to the file at *path*, in the form of `dumps`; if that fails, the file is unchanged.

    Args:
        content: A request, a stored configuration or distributions.
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
    text = dumps(content, format or by_suffix or "json")
    beside = file.with_name(f".{file.name}.{uuid.uuid4()}")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        if file.exists():
            shutil.copymode(file, beside)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def to_cloudformation(content: Content) -> dict[str, Any]:
    """
    Return an `AWS::ImageBuilder::DistributionConfiguration` with its `Type` and its `Properties`.

    It leaves out client token and dry run, which belong to a call, and AWS's own tags (`aws:`).

    >>> update = models.Distribution(region="us-west-2", license_configuration_arns=["arn:..."])
    >>> to_cloudformation(models.CreateDistributionConfigurationRequest(name="web", distributions=[update]))["Type"]
    'AWS::ImageBuilder::DistributionConfiguration'

    Args:
        content: A request to create a configuration, or a stored configuration.

    Raises:
        TypeError:
            If *content* has no name, because it is an update or distributions alone.
        imagebuilder_dist.errors.ValidationError:
            If it exports to S3, which CloudFormation doesn't support.
    """
    if isinstance(content, models.DistributionConfiguration) and content.name is not None:
        tags = {key: value for key, value in content.tags.items() if not key.startswith("aws:")}
        content = models.CreateDistributionConfigurationRequest(
            name=content.name, distributions=content.distributions, description=content.description, tags=tags
        )
    if not isinstance(content, models.CreateDistributionConfigurationRequest):
        raise TypeError(
            f"to_cloudformation takes a create or a stored configuration with a name, not {describe(content)}"
        )
    return resource_of(content)


def to_mermaid(content: Content) -> str:
    """
    Return a picture of *content* as a Mermaid flowchart, which code hosts render in Markdown.

    It shows who gets the image and what a build changes: Regions, accounts that get a copy, who may launch the AMI,
    launch templates, SSM parameters, fast launch, exports to S3, repositories and license configurations. It doesn't
    show how the AMI is named, tagged and encrypted.

    What several Regions have in common is drawn once, starting with what all Regions have in common. A node lists up to
    five items and counts the rest. If everybody may launch the AMI, that node has a red border.

    Mermaid draws up to 500 arrows and 50,000 characters (`maxEdges` and `maxTextSize` in its configuration), far more
    than fits on a screen.

    >>> web = models.AmiDistributionConfiguration(target_account_ids=["111122223333", "444455556666"])
    >>> west = models.Distribution(region="us-west-2", ami_distribution_configuration=web)
    >>> print(to_mermaid((west, attrs.evolve(west, region="eu-west-1"))))
    flowchart LR
      image(["the image"])
      regions1["2 Regions<br/>us-west-2<br/>eu-west-1"]
      image --> regions1
      copy1["2 accounts get a copy<br/>111122223333<br/>444455556666"]
      regions1 --> copy1
    <BLANKLINE>

    Args:
        content: A request, a stored configuration or distributions.

    Raises:
        TypeError:
            If *content* isn't one of these.
    """
    if isinstance(content, tuple):
        check_tuple("content", content, models.Distribution)
        return draw("", content)
    return draw(_name_of(content), content.distributions)


def _name_of(content: object) -> str:
    if isinstance(content, models.CreateDistributionConfigurationRequest):
        return content.name
    if isinstance(content, models.UpdateDistributionConfigurationRequest):
        return content.distribution_configuration_arn.rpartition("/")[2]
    if isinstance(content, models.DistributionConfiguration):
        return content.name or content.arn.rpartition("/")[2]
    raise TypeError(f"to_mermaid takes a request, a stored configuration or distributions, not {describe(content)}")


def json_schema(spelling: Spelling = "api") -> dict[str, Any]:
    """
    Return a JSON Schema (draft 2020-12) for files, to use in editors and other tools.

    It checks limits, names, types and missing members like `validate`, and contains AWS's description of each member.
    It can't compare values, for example to find a duplicate Region, and it accepts any response.

    Args:
        spelling: `api` for requests and distributions as the AWS CLI takes them, `cloudformation` for templates.

    Raises:
        ValueError:
            If *spelling* is neither.
    """
    if spelling not in get_args(Spelling):
        raise ValueError(f"spelling must be api or cloudformation, not {show(spelling)}")
    return _schema.json_schema(spelling)


def _data(content: Content) -> Any:
    if isinstance(content, tuple):
        return [to_boto3(each) for each in content]
    return {member: value for member, value in to_boto3(content).items() if member != "requestId"}
