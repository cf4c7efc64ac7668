"""
How commands meet the shell: what they print, the files that they read, the codes that they exit with.
"""

import errno
import os
import re
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any, TextIO, TypeVar, cast

import click

from imagebuilder_dist import documents
from imagebuilder_dist._common.text import printable
from imagebuilder_dist.documents._files import MAX_BYTES, TOO_LARGE
from imagebuilder_dist.errors import (
    ConcurrentModificationError,
    DocumentError,
    ImageBuilderDistError,
    Issue,
    ValidationError,
)

FAILED = 1
WRONG_USAGE = 2
HAS_CHANGES = IS_MISSING = 3
IS_UNKNOWN = 4
IS_INVALID = 5
IS_STALE = 6
INTERRUPTED = 130

EXIT_CODES: Mapping[int, str] = {
    0: "done",
    FAILED: "failed",
    WRONG_USAGE: "wrong usage",
    HAS_CHANGES: "something would change or is missing",
    IS_UNKNOWN: "something is unknown and nothing missing",
    IS_INVALID: "a file or a request is invalid",
    IS_STALE: "what is stored isn't what the plan was made from",
    INTERRUPTED: "interrupted",
}

T = TypeVar("T")

STANDARD_INPUT = "-"
_SEVERITY = re.compile("(?<=: )(error|warning|note)(?=: )")
_CHANGE = re.compile(r"([-+~]) ([^:]*userGroups \(widens access\):)?")
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan", "+": "green", "-": "red", "~": "yellow"}


def is_terminal(stream: TextIO) -> bool:
    """
    Tell whether *stream* is a terminal.
    """
    opened = cast(TextIO | None, stream)  # Python sets a stream that the shell has closed to None
    return opened is not None and opened.isatty()


def say(text: str, colour: Callable[[str], str] = str) -> None:
    """
    Print *text*, a result; *colour* may colour a line.

    A terminal gets what could change its state or hide text escaped, and a pipe gets it as it is.
    """
    if cast(TextIO | None, sys.stdout) is None:
        raise OSError(errno.EBADF, "standard output is closed")
    escaped = printable if is_terminal(sys.stdout) else str
    click.echo("\n".join([colour(escaped(line)) for line in text.split("\n")]))


def report(found: Any, form: str, colour: Callable[[str], str] = str) -> None:
    """
    Print what was *found* in the form of `format_option("text", "markdown", "json")`; *colour* is for lines of text.
    """
    if form == "text":
        say(str(found), colour)
    else:
        say(found.to_json() if form == "json" else found.to_markdown())


def note(text: str, colour: Callable[[str], str] = str) -> None:
    """
    Print *text*, a message, in the place of the progress shown.
    """
    draw("")
    click.echo("\n".join([colour(printable(line)) for line in text.split("\n")]), err=True)


def draw(text: str) -> None:
    """
    Replace the last line of standard error by *text*, if it is a terminal.
    """
    if is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb":
        click.echo(f"\r\x1b[K{text}", nl=False, err=True, color=True)


@contextmanager
def progress(text: str) -> Generator[None]:
    """
    Show *text* on the terminal while what follows takes longer than a second.
    """
    timer = Timer(1, draw, [f"{text} ..."])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        draw("")


def paint(line: str) -> str:
    """
    Colour a line of a plan by its sign, and the severity of an issue; what makes an AMI public is red and bold.
    """
    found = _CHANGE.match(line)
    if found is None:
        return _SEVERITY.sub(lambda match: click.style(match[0], fg=_COLOURS[match[0]], bold=True), line, count=1)
    is_public = found[1] == "+" and found[2] is not None
    return click.style(line, fg="red" if is_public else _COLOURS[found[1]], bold=is_public or None)


def issue_as_data(issue: Issue) -> dict[str, object]:
    """
    Return an *issue* of a file as a JSON object, for machines.
    """
    names = ("file", "line", "column", "severity", "path", "message", "rule")
    return {name: getattr(issue, name) for name in names}


class CommandError(Exception):
    """
    The command can't do what it was asked to do; the message says why.
    """


_CODES: Mapping[type[Exception], int] = {
    CommandError: WRONG_USAGE,
    ConcurrentModificationError: IS_STALE,
    ValidationError: IS_INVALID,
}


class Command(click.Command):
    """
    A command whose function returns its exit code, or none for 0. It reports the library's errors without a traceback.
    """

    def invoke(self, ctx: click.Context) -> None:
        """
        Run the command, and exit.
        """
        try:
            code: int | None = super().invoke(ctx)
        except (CommandError, ImageBuilderDistError) as error:
            code = next((code for cls, code in _CODES.items() if isinstance(error, cls)), FAILED)
            # Each issue of a file begins with its place, as compilers print it.
            _note_failure(str(error) if isinstance(error, DocumentError) else f"{ctx.command_path}: {error}", error)
        except (KeyboardInterrupt, click.Abort) as interrupt:  # the latter at a question, whose line is still open
            code = INTERRUPTED
            _note_failure("\n" * isinstance(interrupt, click.Abort) + "interrupted", interrupt)
        ctx.exit(code or 0)


def _note_failure(text: str, error: BaseException) -> None:
    note("\n".join([text, *getattr(error, "__notes__", [])]), paint)


def command(*params: click.Parameter, name: str | None = None) -> Callable[[Callable[..., int | None]], Command]:
    """
    Return a decorator that makes a function a command with these arguments and options.
    """
    return click.command(name, cls=Command, params=[*params])


def format_option(*formats: str) -> click.Option:
    """
    Return the option for the output format; the first of *formats* is the default.
    """
    return click.Option(["--format", "form"], type=click.Choice(formats), default=formats[0], help="The output format.")


def _parameters(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    for each in values:
        if "=" not in each:
            raise click.BadParameter(f"{each!r} isn't NAME=VALUE")
    return dict(each.split("=", 1) for each in values)


def account_id(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """
    Return the *value* of an option, an account id.

    Raises:
        click.BadParameter:
            If it isn't one.
    """
    if value is not None and not re.fullmatch("[0-9]{12}", value):
        raise click.BadParameter(f"{value!r} isn't an account id of 12 digits")
    return value


OWNER = click.Option(["--owner"], metavar="ACCOUNT-ID", callback=account_id, help="The owner; by default, the ARN's.")
PATH = click.Path(allow_dash=True)
"""For completion only; `content_of` says why a file can't be opened."""

FILE = click.Argument(["file"], type=PATH)
FILES = click.Argument(["files"], nargs=-1, required=True, type=PATH)
YES = click.Option(["--yes"], is_flag=True, help="Write without asking.")
_formats = click.Choice(["json", "yaml", "cloudformation"])
_PARAMETER = "The value of a reference in a template. Repeatable."
FILE_OPTIONS: list[click.Parameter] = [
    click.Option(["--input-format"], type=_formats, help="The file's format; by default, from its name or content."),
    click.Option(["--resource"], metavar="NAME", help="The resource to read, if a template has several."),
    click.Option(["--parameter"], multiple=True, callback=_parameters, metavar="NAME=VALUE", help=_PARAMETER),
]


def content_of(file: str) -> bytes:
    """
    Return the content of *file*; `-` is standard input.

    Raises:
        CommandError:
            If the file can't be opened, or is too large.
    """
    try:
        if file == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
    except (AttributeError, OSError) as error:  # the former if standard input is None
        raise CommandError(f"{file}: {getattr(error, 'strerror', 'is closed')}") from None
    if len(content) > MAX_BYTES:
        raise CommandError(f"{file}: {TOO_LARGE}")
    return content


def reader(file: str, options: Mapping[str, Any], read: Callable[..., T]) -> Callable[..., T]:
    """
    Return a function that applies *read* to what is in *file*; it takes the `owner` of the configuration.

    It may be called again, although a pipe has its content only once.

    Raises:
        CommandError:
            If the file can't be opened.
    """
    region = {"AWS::Region": options["region"]} if options.get("region") else {}
    return partial(
        read,
        content_of(file),
        name="<stdin>" if file == STANDARD_INPUT else file,
        format=options["input_format"],
        resource=options["resource"],
        parameters=region | options["parameter"],
    )


def document_in(file: str, options: Mapping[str, Any], owner: str | None = None) -> documents.Document:
    """
    Read *file*, whose warnings go to standard error.
    """
    document = reader(file, options, documents.loads)(owner=owner)
    for warning in document.warnings:
        note(str(warning), paint)
    return document


def confirm(*, yes: bool) -> None:
    """
    Ask for confirmation on the terminal, unless *yes*; exit if the user declines.

    Raises:
        CommandError:
            If standard input isn't a terminal.
    """
    if not yes and not is_terminal(sys.stdin):
        raise CommandError("there is no terminal to ask for confirmation; --yes writes without asking")
    if not yes and not click.confirm("Apply this plan?"):
        note("nothing was written")
        click.get_current_context().exit(1)
