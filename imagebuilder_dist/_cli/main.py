"""
The command `imagebuilder-dist`.
"""

import logging
import os

import click

from imagebuilder_dist._cli import fleet, offline, online, shell
from imagebuilder_dist._common.version import __version__


@click.group(
    params=online.SERVICE_OPTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog=f"Exit codes: {', '.join(f'{code} {meaning}' for code, meaning in shell.EXIT_CODES.items())}.",
)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(ctx: click.Context, /, **options: str | None) -> None:
    """
    Check, plan and apply EC2 Image Builder distribution configurations kept in files.
    """
    # They may stand before the command and behind it; there they count.
    ctx.default_map = {**dict.fromkeys(main.commands, options), "fleet": dict.fromkeys(fleet.GROUP.commands, options)}
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    ctx.color = False if is_plain else bool(os.environ.get("FORCE_COLOR")) or None  # without a wish, a terminal decides
    if ctx.invoked_subcommand != "fleet":  # which has too many calls to tell of each wait
        handler, logger = online.ShowWaits(), logging.getLogger("imagebuilder_dist")
        logger.addHandler(handler)
        ctx.call_on_close(lambda: logger.removeHandler(handler))


@click.command(cls=shell.Command, context_settings={"help_option_names": [], "ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def serve(ctx: click.Context, /, arguments: tuple[str, ...]) -> int:
    """
    Run a local Image Builder, for tests and demos.
    """
    from imagebuilder_dist.testing.__main__ import main  # noqa: PLC0415 - slow to import

    return main(arguments, prog=ctx.command_path)


for each in (*offline.COMMANDS, *online.COMMANDS, fleet.GROUP, serve):
    main.add_command(each)
