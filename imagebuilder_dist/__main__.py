"""
The command `imagebuilder-dist`, also as `python -m imagebuilder_dist`.
"""

import os
import sys


def main() -> None:
    """
    Run the command, which needs the extra `cli`.
    """
    try:
        from imagebuilder_dist._cli.main import main as command  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit("imagebuilder-dist needs click: in a checkout of imagebuilder_dist, run pip install '.[cli]'")
    reconfigure = getattr(sys.stdout, "reconfigure", None)  # a closed stream is None
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")  # like standard error's: a terminal may lack the characters of a name
    try:
        command(prog_name="imagebuilder-dist")
    except OSError as error:  # that of a file is reported where it is opened, and that of a closed pipe isn't one
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes standard output once more at exit
        sys.exit(f"imagebuilder-dist: can't write: {error}")


if __name__ == "__main__":
    main()
