"""
Apply a release's update exactly once, however often the process is killed and restarted.

After a crash, run it with the same release: `python deploy_once.py ENDPOINT ARN RELEASE FOLDER`.
"""

import sys
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from imagebuilder_dist import AmiDistributionConfiguration, Distribution, DistributionConfigurationClient
from imagebuilder_dist.testing import LocalImageBuilder

WEB = Distribution(
    region="us-west-2",
    ami_distribution_configuration=AmiDistributionConfiguration(name="web {{ imagebuilder:buildDate }}"),
)


def deploy(client: DistributionConfigurationClient, arn: str, release: str, folder: Path) -> None:
    """Update the configuration for *release*, unless it is done already."""
    # Derived from what survives a crash, so the service runs the update once, however often it is sent.
    token = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn}#{release}"))
    done = folder / f"{token}.done"
    if done.exists():
        return
    client.update_distribution_configuration(arn, [WEB], description=release, client_token=token)
    done.touch()  # an empty file can't be half written


def connect(endpoint_url: str) -> DistributionConfigurationClient:
    """Create a client; the local endpoint doesn't check credentials."""
    keys: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    session: Any = boto3.Session(region_name="us-west-2", **keys)
    return DistributionConfigurationClient(session=session, endpoint_url=endpoint_url)


def demo() -> None:
    """Deploy a release twice, on a local endpoint."""
    with LocalImageBuilder() as local, TemporaryDirectory() as folder:
        client = connect(local.url)
        arn = client.create_distribution_configuration("web", [WEB]).distribution_configuration_arn
        for _ in range(2):
            deploy(client, arn, "release 7", Path(folder))
        updates = [request for request in local.requests if request.operation == "UpdateDistributionConfiguration"]
        print(f"release 7 was sent {len(updates)} time")


if __name__ == "__main__":
    if sys.argv[1:]:
        endpoint, arn, release, folder = sys.argv[1:]
        deploy(connect(endpoint), arn, release, Path(folder))
    else:
        demo()
