"""
Calls to the service, and several of them at once: the client and what it consists of.
"""
