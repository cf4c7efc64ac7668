"""
Run the local Image Builder for other tools: `python -m imagebuilder_dist.testing --port 8080`.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from imagebuilder_dist.testing._endpoint import ReceivedRequest
from imagebuilder_dist.testing.local import LocalImageBuilder


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m imagebuilder_dist.testing") -> int:
    """
    Print the endpoint's URL and serve until interrupted or terminated.
    """
    parser = argparse.ArgumentParser(prog=prog, description="Run a local Image Builder for other tools.")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; a free one if omitted")
    parser.add_argument("--account-id", default="123456789012", help="the account that owns everything")
    parser.add_argument("--region", default="us-west-2", help="the Region of unsigned requests")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="also accept requests to this host name, not only to the loopback interface; may be given several times",
    )
    parser.add_argument("--log", action="store_true", help="print a line for each request")
    parser.add_argument("--state", metavar="FILE", help="load configurations from FILE, and save every change to it")
    options = parser.parse_args(arguments)

    def on_request(request: ReceivedRequest) -> None:
        if options.log:
            outcome = f"{request.status}, applied" if request.applied else request.status
            _log(f"{request.time:%H:%M:%S} {request.method} {request.operation}: {outcome}")
        if options.state is not None and request.applied:
            try:
                local.save(options.state)
            except OSError as error:
                _log(f"can't write {options.state}: {error}")

    try:
        local = LocalImageBuilder(
            account_id=options.account_id,
            region_name=options.region,
            port=options.port,
            max_requests=0,
            allowed_hosts=options.allow_host,
            on_request=on_request,
        )
        if options.state is not None:
            _restore(local, Path(options.state))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell starts background jobs with SIGINT ignored
        signal.signal(each, signal.default_int_handler)
    try:
        with local:
            print(local.url, flush=True)  # noqa: T201 - its one output
            threading.Event().wait()
    except (OSError, OverflowError) as error:
        _log(f"can't listen on port {options.port}: {error}")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _restore(local: LocalImageBuilder, state: Path) -> None:
    """Load the state and save it at once, so that a file that can't be written fails now, not at the first change."""
    if state.exists():
        local.load(state)
    try:
        local.save(state)
    except OSError as error:
        raise OSError(f"can't write {state}: {error.strerror}") from None


def _log(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - its other output


if __name__ == "__main__":
    sys.exit(main())
