"""
Run the local Image Builder for other tools: `python -m imagebuilder_dist.testing --port 8080`.
"""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from imagebuilder_dist.testing._faults import FAULTS
from imagebuilder_dist.testing._local import LocalImageBuilder
from imagebuilder_dist.testing.examples import REGION


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m imagebuilder_dist.testing") -> int:
    """
    Print the lines that point a shell at a local Image Builder, and serve until interrupted or terminated.
    """
    parser = argparse.ArgumentParser(prog=prog, description="Run a local Image Builder and STS for other tools.")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; a free one if omitted")
    parser.add_argument("--log", action="store_true", help="print a line for each request")
    parser.add_argument(
        "--fault", action="append", choices=FAULTS, default=[], help="let a request go wrong; repeatable"
    )
    parser.add_argument("--times", type=int, default=1, help="how often to go through the faults; 0 means forever")
    parser.add_argument(
        "--operation", help="let only requests for it go wrong, such as UpdateDistributionConfiguration"
    )
    options = parser.parse_args(arguments)
    local = LocalImageBuilder(port=options.port)
    if options.log:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        faults = [FAULTS[each] for each in options.fault]
        local.inject(*faults, times=options.times or None, operation=options.operation)
    except ValueError as error:
        parser.error(str(error))
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell starts background jobs with SIGINT ignored
        signal.signal(each, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt), local:
            print(f"export AWS_ENDPOINT_URL={local.url} AWS_DEFAULT_REGION={REGION}")  # noqa: T201 - a command
            print("export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test", flush=True)  # noqa: T201 - a command
            threading.Event().wait()
    except (OSError, OverflowError) as error:
        print(f"can't listen on port {options.port}: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
