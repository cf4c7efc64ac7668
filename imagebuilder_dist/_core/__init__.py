"""
What both clients have in common: operations, flows, plans and responses. Nothing in here does I/O.
"""
