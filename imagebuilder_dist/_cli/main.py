# PYTHON_ARGCOMPLETE_OK
"""
Check, plan and apply EC2 Image Builder distribution configurations kept in files.
"""

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeAlias

from imagebuilder_dist import documents
from imagebuilder_dist._cli.check import check
from imagebuilder_dist._cli.files import STANDARD_INPUT, CommandError, account_id, add_file_options
from imagebuilder_dist._cli.needs import needs
from imagebuilder_dist._cli.output import INTERRUPTED, note, say, write_issues
from imagebuilder_dist._cli.remedies import message_of
from imagebuilder_dist._cli.service import add_service_options, add_target_option, apply, plan, show
from imagebuilder_dist._common.version import __version__
from imagebuilder_dist.errors import DocumentError, ImageBuilderDistError

Run: TypeAlias = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command, and return its exit code.
    """
    given = sys.argv[1:] if arguments is None else [*arguments]
    if given[:1] == ["serve"]:  # it has its own parser
        from imagebuilder_dist.testing.__main__ import main as serve  # noqa: PLC0415 - it imports boto3

        return serve(given[1:], prog="imagebuilder-dist serve")
    parser = _parser()
    _complete(parser)
    options = parser.parse_args(given)
    # The command prints warnings itself; if nothing handled their log lines, Python would print those, too.
    logging.getLogger("imagebuilder_dist").addHandler(logging.NullHandler())
    code = 1
    try:
        code = options.run(options)
    except CommandError as error:
        note(f"{parser.prog} {options.command}: {error}")
        code = error.code
    except DocumentError as error:
        write_issues(error.issues, sys.stderr)
    except ImageBuilderDistError as error:
        note(f"{parser.prog} {options.command}: {message_of(error)}")
    except BrokenPipeError:
        # The reader, for example `head`, closed the pipe. Python would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt as interrupt:
        for each in ["interrupted", *getattr(interrupt, "__notes__", [])]:
            note(each)
        code = INTERRUPTED
    return code


def _complete(parser: argparse.ArgumentParser) -> None:
    """Let shells complete arguments, if argcomplete is installed."""
    with suppress(ModuleNotFoundError):
        importlib.import_module("argcomplete").autocomplete(parser)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="imagebuilder-dist", description=__doc__, epilog="The exit code after Ctrl-C is 130."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = partial(_add_command, commands.add_parser)

    one = command(
        "check",
        check,
        "report errors and warnings in files",
        "exit codes: 0 success, 1 issues, 2 wrong usage or a file can't be opened",
    )
    one.add_argument("files", nargs="+", metavar="FILE", help=f"a file, or {STANDARD_INPUT} for standard input")
    one.add_argument("--format", choices=["text", "json", "github"], default="text", help="the output format")
    one.add_argument("--strict", action="store_true", help="fail on warnings too")
    _add_owner(one)
    add_file_options(one)

    one = command(
        "plan",
        plan,
        "show what a file would change",
        "exit codes: 0 no changes, 1 failure, 2 wrong usage, 3 changes",
    )
    _add_file(one)
    one.add_argument("--format", choices=["text", "markdown", "json"], default="text", help="the output format")
    add_target_option(one)
    add_file_options(one)
    add_service_options(one)

    one = command(
        "apply",
        apply,
        "create or update a configuration from a file",
        "exit codes: 0 success, 1 failure or declined, 2 wrong usage",
    )
    _add_file(one)
    one.add_argument("--yes", action="store_true", help="write without asking")
    add_target_option(one)
    add_file_options(one)
    add_service_options(one)

    one = command("show", show, "show a stored configuration", "exit codes: 0 success, 1 failure, 2 wrong usage")
    one.add_argument("configuration", metavar="ARN-OR-NAME", help="the configuration to show")
    formats = ["text", "json", "yaml", "cloudformation", "mermaid"]
    one.add_argument("--format", choices=formats, default="text", help="the output format")
    add_service_options(one)

    one = command(
        "needs", needs, "list what must exist for a build to succeed", "exit codes: 0 success, 1 issues, 2 wrong usage"
    )
    _add_file(one)
    _add_owner(one)
    one.add_argument("--policies", metavar="FOLDER", help="write the IAM and KMS policies to this folder instead")
    add_file_options(one)

    _add_fleet(commands.add_parser)

    one = command("schema", _schema, "print the JSON Schema of these files, for editors", "exit code: 0")
    one.add_argument("--spelling", choices=["api", "cloudformation"], default="api", help="whose names the files use")

    commands.add_parser("serve", help="run a local Image Builder, for tests and demos", add_help=False)
    return parser


def _add_command(
    add: Callable[..., argparse.ArgumentParser], name: str, run: Run, summary: str, epilog: str
) -> argparse.ArgumentParser:
    added = add(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", epilog=epilog)
    added.set_defaults(run=run)
    return added


def _add_fleet(add: Callable[..., argparse.ArgumentParser]) -> None:
    summary = "plan and apply one file for many configurations"
    added = add("fleet", help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    command = partial(_add_command, added.add_subparsers(required=True, metavar="COMMAND").add_parser)

    one = command(
        "plan",
        _fleet_plan,
        "show what a file would change in every target",
        "exit codes: 0 no changes, 1 a target failed, 2 wrong usage, 3 changes",
    )
    one.set_defaults(command="fleet plan")
    one.add_argument("--format", choices=["text", "markdown", "json"], default="text", help="the output format")
    _add_fleet_options(one)

    one = command(
        "apply",
        _fleet_apply,
        "bring every target to a file's state",
        "exit codes: 0 success, 1 failure or declined, 2 wrong usage",
    )
    one.set_defaults(command="fleet apply")
    one.add_argument("--yes", action="store_true", help="write without asking")
    one.add_argument("--journal", metavar="PATH", help="a file that records progress, to resume from")
    _add_fleet_options(one)


def _add_fleet_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "targets",
        metavar="TARGETS",
        help=f"a CSV or JSON Lines file with an arn per target, or {STANDARD_INPUT} for standard input",
    )
    _add_file(parser)
    parser.add_argument(
        "--per-second",
        type=rate,
        default=5.0,
        metavar="NUMBER",
        help="how many targets to start per second in each account and Region; 5 by default",
    )
    parser.add_argument(
        "--concurrency",
        type=count,
        default=16,
        metavar="NUMBER",
        help="how many targets to process at once; 16 by default",
    )
    add_file_options(parser)
    options = parser.add_argument_group("AWS, for targets that don't set their own")
    options.add_argument("--profile", help="the AWS profile to use")
    options.add_argument("--endpoint-url", metavar="URL", help="send requests to this URL instead of AWS")


def rate(text: str) -> float:
    """
    Return a number above 0. If *text* isn't a number, argparse's message has this function's name.
    """
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return value


def count(text: str) -> int:
    """
    Return a whole number above 0, as `rate` does.
    """
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return value


def _fleet_plan(options: argparse.Namespace) -> int:
    from imagebuilder_dist._cli import fleet  # noqa: PLC0415 - it imports botocore

    return fleet.plan(options)


def _fleet_apply(options: argparse.Namespace) -> int:
    from imagebuilder_dist._cli import fleet  # noqa: PLC0415 - as above

    return fleet.apply(options)


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=f"a file, or {STANDARD_INPUT} for standard input")


def _add_owner(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--owner",
        type=account_id,
        metavar="ACCOUNT-ID",
        help="the account that owns the configuration; by default the one in the file's ARN, if it has an ARN",
    )


def _schema(options: argparse.Namespace) -> int:
    say(json.dumps(documents.json_schema(options.spelling), indent=2))
    return 0
