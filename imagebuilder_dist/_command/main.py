# PYTHON_ARGCOMPLETE_OK
"""
Check, plan and apply EC2 Image Builder distribution configurations that are kept in files.
"""

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from imagebuilder_dist import documents
from imagebuilder_dist._command.check import check
from imagebuilder_dist._command.files import STANDARD_INPUT, CommandError, add_file_options
from imagebuilder_dist._command.needs import needs
from imagebuilder_dist._command.output import note, say, write_issues
from imagebuilder_dist._command.service import add_service_options, add_target_option, apply, plan, show
from imagebuilder_dist._version import __version__
from imagebuilder_dist.errors import DocumentError, ImageBuilderDistError

Run: TypeAlias = Callable[[argparse.Namespace], int]

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command, and return its exit code.
    """
    given = sys.argv[1:] if arguments is None else [*arguments]
    if given[:1] == ["serve"]:
        from imagebuilder_dist.testing.__main__ import main as serve  # noqa: PLC0415 - it imports boto3

        return serve(given[1:], prog="imagebuilder-dist serve")
    parser = _parser()
    _complete(parser)
    options = parser.parse_args(given)
    logging.getLogger("imagebuilder_dist").addHandler(logging.NullHandler())  # what it warns of is printed
    code = 1
    try:
        code = options.run(options)
    except CommandError as error:
        note(f"{parser.prog} {options.command}: {error}")
        code = error.code
    except DocumentError as error:
        write_issues(error.issues, sys.stderr)
    except ImageBuilderDistError as error:
        note(f"{parser.prog} {options.command}: {error}")
    except BrokenPipeError:
        # The reader, for example `head`, has seen enough; Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt as interrupt:
        for each in ["interrupted", *getattr(interrupt, "__notes__", [])]:
            note(each)
        code = _INTERRUPTED
    return code


def _complete(parser: argparse.ArgumentParser) -> None:
    """Let shells complete arguments, if the user has argcomplete."""
    with suppress(ModuleNotFoundError):
        importlib.import_module("argcomplete").autocomplete(parser)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="imagebuilder-dist", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Run, summary: str, epilog: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", epilog=epilog
        )
        added.set_defaults(run=run)
        return added

    one = command("check", check, "report what is wrong with files", "exit codes: 0 fine, 1 issues, 2 usage")
    one.add_argument("files", nargs="+", metavar="FILE", help=f"a file, or {STANDARD_INPUT} for standard input")
    one.add_argument("--format", choices=["text", "json", "github"], default="text", help="how to write issues")
    one.add_argument("--strict", action="store_true", help="fail on warnings, too")
    add_file_options(one)

    one = command(
        "plan",
        plan,
        "show what a file would change",
        "exit codes: 0 nothing to change, 3 something, 1 failure, 2 usage",
    )
    _add_file(one)
    one.add_argument("--format", choices=["text", "markdown", "json"], default="text", help="how to write the plan")
    add_target_option(one)
    add_file_options(one)
    add_service_options(one)

    one = command("apply", apply, "store what a file says", "exit codes: 0 it is stored, 1 it isn't, 2 usage")
    _add_file(one)
    one.add_argument("--yes", action="store_true", help="write without asking")
    add_target_option(one)
    add_file_options(one)
    add_service_options(one)

    one = command("show", show, "show what is stored", "exit codes: 0 fine, 1 failure, 2 usage")
    one.add_argument("configuration", metavar="ARN-OR-NAME", help="the configuration")
    formats = ["text", "json", "yaml", "cloudformation"]
    one.add_argument("--format", choices=formats, default="text", help="how to write it")
    add_service_options(one)

    one = command(
        "needs", needs, "list what has to exist for a build to succeed", "exit codes: 0 fine, 1 issues, 2 usage"
    )
    _add_file(one)
    one.add_argument("--owner", metavar="ACCOUNT-ID", help="the account that owns the configuration")
    one.add_argument("--policies", metavar="FOLDER", help="write IAM and KMS policies into this folder instead")
    add_file_options(one)

    one = command("schema", _schema, "print a JSON Schema of files, for editors", "exit code: 0")
    one.add_argument("--spelling", choices=["api", "cloudformation"], default="api", help="what the files are")

    commands.add_parser("serve", help="run a local Image Builder, for tests and demos", add_help=False)
    return parser


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=f"a file, or {STANDARD_INPUT} for standard input")


def _schema(options: argparse.Namespace) -> int:
    say(json.dumps(documents.json_schema(options.spelling), indent=2))
    return 0
