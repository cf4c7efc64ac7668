"""
The command `imagebuilder-dist`.
"""
