"""
What knows no shape of the service: attributes, text, ARNs.
"""
