"""
Files as the command takes them.
"""

import argparse
import re
import sys
from functools import partial

from imagebuilder_dist import documents

STANDARD_INPUT = "-"


class CommandError(Exception):
    """
    The command can't do what it was told; the text says why.
    """

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """
    Add what says how to read a file.
    """
    options = parser.add_argument_group("files")
    options.add_argument(
        "--input-format",
        choices=["json", "yaml", "cloudformation"],
        help="what the file is; by default its name or its first character says it",
    )
    options.add_argument("--resource", metavar="NAME", help="the resource to read, if a template has several")
    options.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=_parameter,
        metavar="NAME=VALUE",
        dest="parameters",
        help="what a reference in a template stands for, for example AWS::Region=us-west-2; repeatable",
    )


def _parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} isn't NAME=VALUE")
    return name, value


def account_id(text: str) -> str:
    """
    Return an account id as it is.

    Raises:
        argparse.ArgumentTypeError:
            If it isn't one.
    """
    if not re.fullmatch("[0-9]{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} isn't an account id of 12 digits")
    return text


class Source:
    """
    A file, or standard input for `-`, which can be read again.
    """

    def __init__(self, file: str, options: argparse.Namespace) -> None:
        self._file = file
        read = (
            partial(documents.loads, sys.stdin.buffer.read(), name="<stdin>")
            if file == STANDARD_INPUT
            else partial(documents.load, file)
        )
        self._read = partial(
            read, format=options.input_format, resource=options.resource, parameters=dict(options.parameters)
        )

    def load(self, *, owner: str | None = None) -> documents.Document:
        """
        Read it, for a configuration of the account *owner*.

        Raises:
            CommandError:
                If it can't be opened.
            imagebuilder_dist.errors.DocumentError:
                If anything is wrong with it.
        """
        try:
            return self._read(owner=owner)
        except OSError as error:
            raise CommandError(f"{self._file}: {error.strerror}") from None
