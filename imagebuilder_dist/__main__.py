"""
Run the command: `python -m imagebuilder_dist`.
"""

import sys

from imagebuilder_dist._cli.main import main

sys.exit(main())
