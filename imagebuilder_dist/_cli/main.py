"""
The command `imagebuilder-dist`.
"""

import logging
from typing import Any

import click

from imagebuilder_dist._cli.offline import check, needs, schema
from imagebuilder_dist._cli.online import ShowWaits, apply, list_stored, plan, show_stored
from imagebuilder_dist._cli.options import FILE, Command, combine, file_options, format_option, yes_option
from imagebuilder_dist._cli.output import wants_colour
from imagebuilder_dist._common.version import __version__


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success, 1 failure or issues, 2 wrong usage, 3 a plan with changes, 130 after Ctrl-C.",
)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """
    Check, plan and apply EC2 Image Builder distribution configurations kept in files.
    """
    ctx.color = wants_colour()
    # If nothing handled the library's log records, Python would print those of warnings, which the command prints.
    handler = logging.NullHandler() if ctx.invoked_subcommand == "fleet" else ShowWaits()
    logger = logging.getLogger("imagebuilder_dist")
    logger.addHandler(handler)
    ctx.call_on_close(lambda: logger.removeHandler(handler))


@click.group()
def fleet() -> None:
    """
    Plan and apply one file for many configurations.
    """


_number = click.IntRange(min=1)
_rate = click.FloatRange(min=0, min_open=True)
_fleet_options = combine(
    click.argument("targets", type=FILE),
    click.argument("file", type=FILE),
    click.option(
        "--per-second", type=_rate, default=5.0, show_default=True, help="Targets started per second and Region."
    ),
    click.option("--concurrency", type=_number, default=16, show_default=True, help="Targets processed at once."),
    file_options,
    click.option("--profile", help="The AWS profile for targets that don't set their own."),
    click.option("--endpoint-url", metavar="URL", help="The URL to call, for targets that don't set their own."),
)


@fleet.command("plan", cls=Command)
@format_option("text", "markdown", "json")
@_fleet_options
@click.pass_context
def fleet_plan(ctx: click.Context, /, **options: Any) -> None:
    """
    Show what a file would change in every target.

    TARGETS is CSV or JSON Lines, with an arn for each target.
    """
    from imagebuilder_dist._cli.fleet import plan  # noqa: PLC0415 - slow to import

    ctx.exit(plan(options))


@fleet.command("apply", cls=Command)
@yes_option
@click.option("--journal", metavar="PATH", help="A file that records progress, to resume from.")
@_fleet_options
@click.pass_context
def fleet_apply(ctx: click.Context, /, **options: Any) -> None:
    """
    Bring every target to a file's state.

    TARGETS is CSV or JSON Lines, with an arn for each target.
    """
    from imagebuilder_dist._cli.fleet import apply  # noqa: PLC0415 - slow to import

    ctx.exit(apply(options))


@click.command(cls=Command, context_settings={"help_option_names": [], "ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def serve(ctx: click.Context, /, arguments: tuple[str, ...]) -> None:
    """
    Run a local Image Builder, for tests and demos.
    """
    from imagebuilder_dist.testing.__main__ import main  # noqa: PLC0415 - slow to import

    ctx.exit(main(arguments, prog=ctx.command_path))


for each in (check, plan, apply, show_stored, list_stored, needs, fleet, schema, serve):
    command.add_command(each)
