"""
What `imagebuilder_dist.fleet` is made of.
"""
