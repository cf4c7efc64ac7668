"""
Write a configuration: as JSON, as YAML, and as a resource of CloudFormation.
"""

import json
import os
import re
import shutil
import uuid
from pathlib import Path
from typing import Any, get_args

from imagebuilder_dist import models
from imagebuilder_dist._common.text import describe, show
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist.documents._cloudformation import RESOURCE_TYPE, renamed
from imagebuilder_dist.documents._reading import SYNTAX_BY_SUFFIX, Format, Request, yaml_module
from imagebuilder_dist.errors import Issue, ValidationError

# JSON allows them in strings, but they could forge or hide text in a terminal.
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x7f-\x9f]")


def dumps(configuration: models.Configuration, *, format: Format | None = None) -> str:  # noqa: A002 - as in the command
    """
    Return *configuration* as a text that `loads` reads back, with members in the service's order and ids in quotes.

    Args:
        configuration: A request, a stored configuration, or one or several distributions.
        format: `json` or `yaml` for the AWS CLI, or `cloudformation` for a resource in JSON; `json` if omitted.

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
    data = to_cloudformation(configuration) if format == "cloudformation" else _plain(configuration)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if _SURROGATE.search(text):
        message = "isn't text: it contains half of a character"
        raise ValidationError([Issue((), "encoding", "error", message)])
    if format != "yaml":
        return _CONTROL.sub(lambda char: f"\\u{ord(char[0]):04x}", text) + "\n"
    return str(yaml_module().dump_yaml(data))


def _plain(configuration: models.Configuration) -> Any:
    if isinstance(configuration, models.Distribution):
        return to_boto3(configuration)
    if isinstance(configuration, Request | models.DistributionConfiguration):
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
    by_suffix = SYNTAX_BY_SUFFIX.get(file.suffix.lower())
    if format is None and by_suffix is None:
        raise ValueError(f"give a format: {show(file.name)} doesn't end in {', '.join(SYNTAX_BY_SUFFIX)}")
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


def to_cloudformation(configuration: models.Configuration) -> dict[str, Any]:
    """
    Return an `AWS::ImageBuilder::DistributionConfiguration` with its `Type` and its `Properties`.

    It leaves out client token and dry run, which belong to a call, and AWS's own tags (`aws:`).

    >>> update = models.Distribution(region="us-west-2", license_configuration_arns=["arn:..."])
    >>> to_cloudformation(models.CreateDistributionConfigurationRequest(name="web", distributions=[update]))["Type"]
    'AWS::ImageBuilder::DistributionConfiguration'

    Args:
        configuration: A request to create one, or a stored one.

    Raises:
        TypeError:
            If *configuration* has no name, because it is an update or distributions alone.
        imagebuilder_dist.errors.ValidationError:
            If it exports to S3, which CloudFormation doesn't support.
    """
    request = configuration
    if isinstance(request, models.DistributionConfiguration) and request.name is not None:
        tags = {key: value for key, value in request.tags.items() if not key.startswith("aws:")}
        request = models.CreateDistributionConfigurationRequest(
            name=request.name, distributions=request.distributions, description=request.description, tags=tags
        )
    if not isinstance(request, models.CreateDistributionConfigurationRequest):
        raise TypeError(
            f"to_cloudformation takes a create or a stored configuration with a name, not {describe(configuration)}"
        )
    message = "isn't supported by CloudFormation, whose resource can't export to S3"
    issues = [
        Issue(("distributions", nth, "s3ExportConfiguration"), "not-in-cloudformation", "error", message, export)
        for nth, export in enumerate(each.s3_export_configuration for each in request.distributions)
        if export is not None
    ]
    if issues:
        raise ValidationError(issues, resource=request.name)
    return {"Type": RESOURCE_TYPE, "Properties": renamed(to_boto3(request))}
