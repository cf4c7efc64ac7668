"""
Distribution configurations in files: JSON, YAML and CloudFormation, read with file, line and column of every issue.

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

from imagebuilder_dist import models, results
from imagebuilder_dist._converter import to_boto3
from imagebuilder_dist._documents import schema
from imagebuilder_dist._documents.cloudformation import resource_of
from imagebuilder_dist._documents.picture import draw
from imagebuilder_dist._documents.reading import Content, Options, read
from imagebuilder_dist._documents.schema import Spelling
from imagebuilder_dist._documents.shapes import Form
from imagebuilder_dist._documents.texts import SURROGATE, Syntax, missing_yaml, parse
from imagebuilder_dist._fields import check_tuple, describe, show
from imagebuilder_dist._help import documented
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

_SYNTAX_BY_ENDING: Mapping[str, Syntax] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


@attrs.frozen(kw_only=True, field_transformer=documented)
class Document:
    """
    What a file describes.
    """

    content: Content
    """A request, a stored configuration, or distributions alone, as the file has it."""

    form: Form
    """What the file holds: `create`, `update`, `configuration`, `distributions`, `distribution` or `cloudformation`."""

    file: str
    """The path as it was given, or `<text>`."""

    warnings: tuple[DocumentIssue, ...] = ()
    """What the service stores and what then surprises in the build, each with its line and column."""

    @property
    def distributions(self) -> tuple[models.Distribution, ...]:
        """
        The distributions, whatever else there is.
        """
        return self.content if isinstance(self.content, tuple) else self.content.distributions

    @property
    def request(self) -> Request:
        """
        What to send: a create or an update; of a stored configuration, the update that would store it again.

        Raises:
            ValueError:
                If the file holds distributions alone, and so neither a name nor an ARN.
        """
        if isinstance(self.content, tuple):
            raise ValueError(f"{self.file} has neither a name nor an ARN, so it isn't a request; use distributions")  # noqa: TRY004 - of a right type
        return (
            self.content.to_request() if isinstance(self.content, results.DistributionConfiguration) else self.content
        )


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
    Read the file at *path*: a request, a response of a get, distributions, or a CloudFormation template.

    Args:
        path: The file, in UTF-8, or in UTF-16 or UTF-32 as Windows writes it.
        format: As for `loads`; if omitted, the name's ending tells JSON (`.json`) from YAML (`.yaml`, `.yml`).
        resource: As for `loads`.
        parameters: As for `loads`.
        validate: As for `loads`.
        owner: As for `loads`.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it can't be read, or the service would reject it; the issues hold all that is wrong with it.
        imagebuilder_dist.errors.ConfigurationError:
            If it is YAML, and PyYAML isn't installed.
        ValueError:
            If *owner* isn't an account id.
        OSError:
            If the file can't be opened.
    """
    file = Path(path)
    syntax: Syntax | None = _SYNTAX_BY_ENDING.get(file.suffix.lower())
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
    Read a text: a request, a response of a get, distributions, or a CloudFormation template.

    In YAML, what the service takes as a string is a string as it is written: `012345670123`, `no` and `1.10` too.

    Args:
        text: The text, or its bytes.
        format: `json` or `yaml`; `cloudformation`, in either, if nothing else will do.
            If omitted, a text that begins with a brace or bracket is JSON, and any other is YAML.
        resource: The logical name of the resource to read; needed if a template has several of its kind.
        parameters: What `Ref`, `Fn::Sub`, `Fn::GetAtt` and `Fn::ImportValue` stand for, by the names in the template:
            parameters, `AWS::Region` and other pseudo parameters, `Resource.Attribute`, names of exports.
            Defaults of the template's own parameters need not be given.
        validate: Whether to reject what the service would reject.
            Switch it off on the day that AWS allows something that this version doesn't know yet.
        owner: The account that owns the configuration, as `validate` takes it.
        name: What issues call the text.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it can't be read, or the service would reject it; the issues hold all that is wrong with it.
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
    Return *content* as a text that `loads` reads back: every member in the service's order, ids in quotes.

    Args:
        content: A request, a stored configuration or distributions.
        format: `json` or `yaml`, as the AWS CLI takes it, or `cloudformation`, a resource in JSON.

    Raises:
        ValueError:
            If *format* isn't one of these.
        imagebuilder_dist.errors.ValidationError:
            If a string isn't text, or CloudFormation can't say it.
        imagebuilder_dist.errors.ConfigurationError:
            If it is to be YAML, and PyYAML isn't installed.
    """
    if format not in get_args(Format):
        raise ValueError(f"format must be json, yaml or cloudformation, not {show(format)}")
    data = _data(content) if format != "cloudformation" else to_cloudformation(content)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if SURROGATE.search(text):
        message = "isn't text: it has half of a character"
        raise ValidationError([Issue("", "encoding", "error", message)])
    if format != "yaml":
        return text + "\n"
    try:
        from imagebuilder_dist._documents.yaml_text import dump_yaml  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError:
        raise missing_yaml() from None
    return dump_yaml(data)


def dump(content: Content, path: str | os.PathLike[str], *, format: Format | None = None) -> None:  # noqa: A002 - as above
    """
    Write *content* to the file at *path*, as `dumps` does: all of it, or, if that fails, nothing.

    Args:
        content: A request, a stored configuration or distributions.
        path: The file; one that exists is replaced, and keeps its permissions.
        format: As for `dumps`; if omitted, the name's ending says it: `.json`, `.yaml` or `.yml`.

    Raises:
        ValueError:
            If the format is neither given nor clear from the name.
        imagebuilder_dist.errors.ValidationError:
            If a string isn't text, or CloudFormation can't say it.
        imagebuilder_dist.errors.ConfigurationError:
            If it is to be YAML, and PyYAML isn't installed.
        OSError:
            If the file can't be written.
    """
    file = Path(path).resolve()  # a link stays one
    by_ending = _SYNTAX_BY_ENDING.get(file.suffix.lower())
    if format is None and by_ending is None:
        raise ValueError(f"give a format: the name {show(file.name)} ends in none of {', '.join(_SYNTAX_BY_ENDING)}")
    text = dumps(content, format or by_ending or "json")
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
    Return an `AWS::ImageBuilder::DistributionConfiguration`: its `Type` and its `Properties`.

    Client token and dry run belong to a call, and AWS's own tags to AWS, so they are left out.

    >>> update = models.Distribution(region="us-west-2", license_configuration_arns=["arn:..."])
    >>> to_cloudformation(models.CreateDistributionConfigurationRequest(name="web", distributions=[update]))["Type"]
    'AWS::ImageBuilder::DistributionConfiguration'

    Args:
        content: A request to create a configuration, or a stored configuration.

    Raises:
        TypeError:
            If *content* has no name, because it is an update or distributions alone.
        imagebuilder_dist.errors.ValidationError:
            If it exports to S3, which CloudFormation can't say.
    """
    if isinstance(content, results.DistributionConfiguration) and content.name is not None:
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
    Return a picture of *content*, a flowchart in Mermaid's language, which code hosts draw in Markdown.

    It shows who gets the image and what a build changes: Regions, accounts that get a copy, who may launch the AMI,
    launch templates, SSM parameters, fast launch, exports to S3, repositories and license configurations. How the AMI
    is named, tagged and encrypted isn't in it.

    What several Regions have in common is drawn once, all Regions first. A node shows five things, and counts the
    rest. If everybody may launch the AMI, that node has a red border.

    Mermaid draws up to 500 arrows and 50,000 characters (`maxEdges` and `maxTextSize` in its configuration), far more
    than fits a screen.

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
    if isinstance(content, results.DistributionConfiguration):
        return content.name or content.arn.rpartition("/")[2]
    raise TypeError(f"to_mermaid takes a request, a stored configuration or distributions, not {describe(content)}")


def json_schema(spelling: Spelling = "api") -> dict[str, Any]:
    """
    Return a JSON Schema (draft 2020-12) of files, for editors and other tools.

    It says what `validate` says of limits, names, types and what is missing, and what AWS documents of each member.
    Only what takes comparing values it can't say, such as that a Region is given once; responses it lets pass.

    Args:
        spelling: `api` for requests and distributions as the AWS CLI takes them, `cloudformation` for templates.

    Raises:
        ValueError:
            If *spelling* is neither.
    """
    if spelling not in get_args(Spelling):
        raise ValueError(f"spelling must be api or cloudformation, not {show(spelling)}")
    return schema.json_schema(spelling)


def _data(content: Content) -> Any:
    if isinstance(content, tuple):
        return [to_boto3(each) for each in content]
    return {member: value for member, value in to_boto3(content).items() if member != "requestId"}
