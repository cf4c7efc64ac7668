"""
The command `imagebuilder-dist`, thin over the library.
"""
