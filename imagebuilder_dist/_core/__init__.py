"""
What both clients share: operations, flows, plans and responses. Nothing here does I/O.
"""
