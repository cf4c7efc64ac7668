"""
What commands share: how they fail, and how they read files.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

from imagebuilder_dist import documents
from imagebuilder_dist._cli.output import note, write_issues
from imagebuilder_dist.errors import DocumentError, ImageBuilderDistError

Function = TypeVar("Function", bound=Callable[..., object])
Options: TypeAlias = Mapping[str, Any]
"""The values of options, by their names."""

FILE = click.Path(allow_dash=True)
"""For completion; `content_of` says why a file can't be opened."""

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

STANDARD_INPUT = "-"
_SYNTAX_BY_SUFFIX: Mapping[str, documents.Format] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


class CommandError(click.ClickException):
    """
    The command can't do what it was asked to do; the message says why.
    """

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(f"{click.get_current_context().command_path}: {message}")

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """
        Print the message as all others.
        """
        note(self.message)


class Command(click.Command):
    """
    A command that reports the library's errors in a line or two, without a traceback.
    """

    def invoke(self, ctx: click.Context) -> None:
        """
        Run the command.
        """
        try:
            super().invoke(ctx)
        except DocumentError as error:
            write_issues(error.issues)
            ctx.exit(1)
        except ImageBuilderDistError as error:
            _note_failure(f"{ctx.command_path}: {error}", error)
            ctx.exit(1)
        except (KeyboardInterrupt, click.Abort) as interrupt:  # the latter is Ctrl-C or Ctrl-D at a question
            _note_failure("\ninterrupted" if isinstance(interrupt, click.Abort) else "interrupted", interrupt)
            ctx.exit(INTERRUPTED)


def _note_failure(text: str, error: BaseException) -> None:
    note("\n".join([text, *getattr(error, "__notes__", [])]))


def combine(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """
    Return a decorator that adds *options* in this order.
    """

    def add(command: Function) -> Function:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def format_option(*formats: str) -> Callable[[Function], Function]:
    """
    Return the option for the output format; the first of *formats* is the default.
    """
    choice = click.Choice(formats)
    return click.option("--format", "form", type=choice, default=formats[0], show_default=True, help="Output format.")


def _parameters(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    for each in values:
        if "=" not in each:
            raise click.BadParameter(f"{each!r} isn't NAME=VALUE")
    return dict(each.split("=", 1) for each in values)


def _account_id(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[0-9]{12}", value):
        raise click.BadParameter(f"{value!r} isn't an account id of 12 digits")
    return value


_FORMATS = click.Choice(["json", "yaml", "cloudformation"])
file_options = combine(
    click.option("--input-format", type=_FORMATS, help="The file's format; by default, its name or content tells."),
    click.option("--resource", metavar="NAME", help="The resource to read, if a template has several."),
    click.option(
        "--parameter",
        "parameters",
        multiple=True,
        callback=_parameters,
        metavar="NAME=VALUE",
        help="The value of a reference in a template, such as AWS::Region=us-west-2. Repeatable.",
    ),
)
owner_option = click.option(
    "--owner",
    metavar="ACCOUNT-ID",
    callback=_account_id,
    help="The account that owns the configuration; by default, the one in the file's ARN.",
)
yes_option = click.option("--yes", is_flag=True, help="Write without asking.")


def content_of(file: str) -> bytes:
    """
    Return the content of *file*; `-` is standard input.

    Raises:
        CommandError:
            If the file can't be opened.
    """
    try:
        with click.open_file(file, "rb") as opened:
            content: bytes = opened.read()
            return content
    except (OSError, RuntimeError) as error:  # the latter is click's, if standard input is closed
        raise CommandError(f"{file}: {getattr(error, 'strerror', error)}") from None


def reader(file: str, options: Options) -> Callable[..., documents.Document]:
    """
    Return a function that reads and validates what is in *file*; it takes the `owner` of the configuration.

    It may be called again, although a pipe has its content only once.

    Raises:
        CommandError:
            If the file can't be opened.
    """
    return partial(
        documents.loads,
        content_of(file),
        name="<stdin>" if file == STANDARD_INPUT else file,
        format=options["input_format"] or _SYNTAX_BY_SUFFIX.get(Path(file).suffix.lower()),
        resource=options["resource"],
        parameters=options["parameters"],
    )
