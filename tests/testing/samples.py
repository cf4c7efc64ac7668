"""
Examples that several tests of the kit send, store and compare.
"""

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import examples

ARN = examples.ARN
WEB = examples.minimal(ibd.Distribution)
EAST = attrs.evolve(WEB, region="us-east-1")
STORED = examples.complete(ibd.DistributionConfiguration)
SUMMARY = examples.complete(ibd.DistributionConfigurationSummary)
