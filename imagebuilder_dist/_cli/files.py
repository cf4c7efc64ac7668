"""
Input files, and the options that say how to read them.
"""

import argparse
import re
import sys
from functools import partial

from imagebuilder_dist import documents

STANDARD_INPUT = "-"


class CommandError(Exception):
    """
    The command can't do what it was asked to do; the message says why.
    """

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """
    Add the options that say how to read a file.
    """
    options = parser.add_argument_group("files")
    options.add_argument(
        "--input-format",
        choices=["json", "yaml", "cloudformation"],
        help="the file's format; by default, detected from its name or first character",
    )
    options.add_argument("--resource", metavar="NAME", help="the resource to read, if a template has several")
    options.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=_parameter,
        metavar="NAME=VALUE",
        dest="parameters",
        help="the value of a reference in a template, such as AWS::Region=us-west-2; may be given several times",
    )


def _parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} isn't NAME=VALUE")
    return name, value


def account_id(text: str) -> str:
    """
    Return *text* if it is an account id.

    Raises:
        argparse.ArgumentTypeError:
            If it isn't.
    """
    if not re.fullmatch("[0-9]{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} isn't an account id of 12 digits")
    return text


class Source:
    """
    A file that can be read more than once; `-` is standard input.
    """

    def __init__(self, file: str, options: argparse.Namespace) -> None:
        self._file = file
        # Standard input can be read only once.
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
        Read and validate the file; *owner* is the account that owns the configuration.

        Raises:
            CommandError:
                If the file can't be opened.
            imagebuilder_dist.errors.DocumentError:
                If the file has errors.
        """
        try:
            return self._read(owner=owner)
        except OSError as error:
            raise CommandError(f"{self._file}: {error.strerror}") from None
