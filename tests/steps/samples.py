"""
A configuration of two Regions: one with everything, one with a license configuration.
"""

import imagebuilder_dist as ibd
from tests.samples import ARN, EVERYTHING

TWO = ibd.DistributionConfiguration(
    arn=ARN,
    description="kept",
    distributions=[EVERYTHING, ibd.Distribution(region="eu-west-1", license_configuration_arns=["a"])],
)


def ami_of(configuration: ibd.DistributionConfiguration, region: str) -> ibd.AmiDistributionConfiguration:
    ami = configuration[region].ami_distribution_configuration
    assert ami is not None
    return ami
