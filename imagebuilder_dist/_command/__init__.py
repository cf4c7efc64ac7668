"""
The `imagebuilder-dist` command, a thin layer over the library.
"""
