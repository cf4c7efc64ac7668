"""
The main use case, without an AWS account: replace a configuration by AWS's documented example, and read it back.
"""

import json
from pathlib import Path

from imagebuilder_dist import (
    AmiDistributionConfiguration,
    ApiError,
    Distribution,
    DistributionConfigurationClient,
    UpdateDistributionConfigurationRequest,
    ValidationError,
    from_boto3,
)
from imagebuilder_dist.testing import LocalImageBuilder

DOCUMENT = Path(__file__).with_name("update-distribution-configuration.json")


def main() -> None:
    """
    Run all steps against a local endpoint.
    """
    with LocalImageBuilder() as local:
        print(f"A local EC2 Image Builder listens on {local.url}\n")
        boto3_client = local.boto3_client()

        print("1. Create a configuration with one Region")
        created = boto3_client.create_distribution_configuration(
            name="MyExampleDistribution",
            distributions=[{"region": "us-west-2", "amiDistributionConfiguration": {"description": "old"}}],
        )
        print(f"   {created['distributionConfigurationArn']}\n")

        print(f"2. Replace it by {DOCUMENT.name}, read as typed objects")
        request = from_boto3(json.loads(DOCUMENT.read_text()), UpdateDistributionConfigurationRequest)
        client = DistributionConfigurationClient(boto3_client)
        result = client.send(request)
        print(f"   client token {result.client_token}\n")

        print("3. What is stored now")
        stored = client.get_distribution_configuration(request.distribution_configuration_arn)
        print(f"   {stored.name}: {stored.description}")
        for distribution in stored.distributions:
            ami = distribution.ami_distribution_configuration
            print(f"   - {distribution.region}: {ami.name if ami else 'no AMI'}")
        print(f"   equal to what was sent: {stored.distributions == request.distributions}\n")

        print("4. A wrong update, rejected before it is sent")
        nameless = Distribution(
            region="us-west-2",
            ami_distribution_configuration=AmiDistributionConfiguration(name="always-the-same"),
        )
        try:
            client.update_distribution_configuration(request.distribution_configuration_arn, [nameless])
        except ValidationError as error:
            print(f"   {type(error).__name__}: {error}\n")

        print("5. The same, left to the service")
        try:
            client.update_distribution_configuration(request.distribution_configuration_arn, [nameless], validate=False)
        except ApiError as error:
            print(f"   {type(error).__name__} at {error.parameter}")
            print(f"   {error.message}")


if __name__ == "__main__":
    main()
