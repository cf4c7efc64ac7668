"""
The command `imagebuilder-dist`.
"""

import logging
import os
from typing import Any

import click

from imagebuilder_dist._cli import offline, online, shell
from imagebuilder_dist._common.version import __version__


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success, 1 failure or issues, 2 wrong usage, 3 a plan with changes, 130 after Ctrl-C.",
)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(ctx: click.Context, /) -> None:
    """
    Check, plan and apply EC2 Image Builder distribution configurations kept in files.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = False
    elif os.environ.get("FORCE_COLOR"):
        ctx.color = True
    # If nothing handled the library's log records, Python would print those of warnings, which the command prints.
    handler = logging.NullHandler() if ctx.invoked_subcommand == "fleet" else online.ShowWaits()
    logger = logging.getLogger("imagebuilder_dist")
    logger.addHandler(handler)
    ctx.call_on_close(lambda: logger.removeHandler(handler))


_rate, _number = click.FloatRange(min=0, min_open=True), click.IntRange(min=1)
_fleet_options = [
    click.Argument(["targets"], type=shell.PATH),
    shell.FILE,
    click.Option(["--per-second"], type=_rate, default=5.0, show_default=True, help="Starts per second and Region."),
    click.Option(["--concurrency"], type=_number, default=16, show_default=True, help="Targets processed at once."),
    *shell.FILE_OPTIONS,
    click.Option(["--profile"], help="The AWS profile for targets that don't set their own."),
    click.Option(["--endpoint-url"], metavar="URL", help="The URL to call, for targets that don't set their own."),
]
_journal = click.Option(["--journal"], metavar="PATH", help="A file that records progress, to resume from.")


@shell.command(*_fleet_options, shell.format_option("text", "markdown", "json"), name="plan")
def fleet_plan(**options: Any) -> int:
    """
    Show what a file would change in every target.

    TARGETS is CSV or JSON Lines, with an arn for each target.
    """
    from imagebuilder_dist._cli.fleet import plan  # noqa: PLC0415 - slow to import

    return plan(options)


@shell.command(*_fleet_options, shell.YES, _journal, name="apply")
def fleet_apply(**options: Any) -> int:
    """
    Bring every target to a file's state.

    TARGETS is CSV or JSON Lines, with an arn for each target.
    """
    from imagebuilder_dist._cli.fleet import apply  # noqa: PLC0415 - slow to import

    return apply(options)


@click.command(cls=shell.Command, context_settings={"help_option_names": [], "ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def serve(ctx: click.Context, /, arguments: tuple[str, ...]) -> int:
    """
    Run a local Image Builder, for tests and demos.
    """
    from imagebuilder_dist.testing.__main__ import main  # noqa: PLC0415 - slow to import

    return main(arguments, prog=ctx.command_path)


fleet = click.Group(
    "fleet", commands=[fleet_plan, fleet_apply], help="Plan and apply one file for many configurations."
)
for each in (*offline.COMMANDS, *online.COMMANDS, fleet, serve):
    main.add_command(each)
