"""
Run the command: `python -m imagebuilder_dist`.
"""

import sys

from imagebuilder_dist._command.main import main

if __name__ == "__main__":
    sys.exit(main())
