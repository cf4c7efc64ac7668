"""
What judges and converts the service's shapes.
"""
