"""
What helps to test code that uses this library: an Image Builder on your own machine.
"""

from imagebuilder_dist.testing.local import LocalImageBuilder

__all__ = ["LocalImageBuilder"]
