"""
Run the local Image Builder for other tools: `python -m imagebuilder_dist.testing --port 8080`.
"""

import argparse
import sys
from collections.abc import Sequence

from imagebuilder_dist.testing._local import serve


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m imagebuilder_dist.testing") -> int:
    """
    Read the command line, and serve.
    """
    parser = argparse.ArgumentParser(prog=prog, description="Run a local Image Builder for other tools.")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; a free one if omitted")
    parser.add_argument("--account-id", default="123456789012", help="the account that owns everything")
    parser.add_argument("--region", dest="region_name", default="us-west-2", help="the Region of unsigned requests")
    parser.add_argument("--log", action="store_true", help="print a line for each request")
    options = parser.parse_args(arguments)
    try:
        serve(**vars(options))
    except (OSError, OverflowError) as error:
        print(f"can't listen on port {options.port}: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
