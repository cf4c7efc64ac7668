"""
What two processes, or twenty tasks, that write the same configuration lose: 400 writes each time.

Run it with `python -m tests.client.writers`.
"""

import asyncio
import multiprocessing
from functools import partial
from typing import Any

import boto3

import imagebuilder_dist as ibd
from imagebuilder_dist import aio, steps
from imagebuilder_dist.testing import LocalImageBuilder

REGIONS = ("us-west-2", "eu-west-1")
OWNER = "123456789012"
SHARED = [
    ibd.Distribution(
        region=region,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            launch_permission=ibd.LaunchPermissionConfiguration(user_ids=[OWNER])
        ),
    )
    for region in REGIONS
]


def guarded(url: str, arn: str, region: str, count: int, start: Any) -> None:
    client = ibd.DistributionConfigurationClient(session=session_of(), endpoint_url=url)
    start.wait(60)
    for number in range(count):
        share = partial(steps.add_launch_permissions, user_ids=[f"{number:012}"], regions=[region])
        client.edit_distribution_configuration(arn, share, max_conflicts=50)


async def in_tasks(url: str, arn: str, tasks: int, count: int) -> int:
    """Let each of so many tasks share a Region so many times, and return how many edits were reported as done."""

    async def share(client: aio.DistributionConfigurationClient, task: int) -> int:
        done = 0
        for number in range(count):
            step = partial(steps.add_launch_permissions, user_ids=[f"{task * count + number:012}"], regions=REGIONS[:1])
            done += bool(await client.edit_distribution_configuration(arn, step, max_conflicts=200))
        return done

    async with aio.DistributionConfigurationClient(session=session_of(), endpoint_url=url) as client:
        return sum(await asyncio.gather(*(share(client, task) for task in range(tasks))))


def plain(url: str, arn: str, region: str, count: int, start: Any) -> None:
    """Get, change, update, as it is written by hand."""
    client = session_of().client("imagebuilder", endpoint_url=url)
    start.wait(60)
    for number in range(count):
        stored = client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]
        (mine,) = (each for each in stored["distributions"] if each["region"] == region)
        mine["amiDistributionConfiguration"]["launchPermission"]["userIds"].append(f"{number:012}")
        client.update_distribution_configuration(
            distributionConfigurationArn=arn, distributions=stored["distributions"]
        )


def session_of() -> Any:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-west-2")


def kept(local: LocalImageBuilder, arn: str, writers: dict[str, Any], count: int) -> dict[str, int]:
    """Let a process for each Region share it *count* times, and give how many of them were kept."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(len(writers))
    processes = [
        context.Process(target=writer, args=(local.url, arn, region, count, start))
        for region, writer in writers.items()
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(150)
    assert [process.exitcode for process in processes] == [0] * len(processes)
    return shared(local, arn)


def shared(local: LocalImageBuilder, arn: str) -> dict[str, int]:
    """Give how many accounts each Region is shared with, besides the owner."""
    stored = ibd.DistributionConfigurationClient(local.boto3_client()).get_distribution_configuration(arn)
    return {
        each.region: len(each.ami_distribution_configuration.launch_permission.user_ids) - 1
        for each in stored.distributions
        if each.ami_distribution_configuration and each.ami_distribution_configuration.launch_permission
    }


def main() -> None:
    """
    Measure each pair of writers on a fresh endpoint.
    """
    for writers in ((guarded, guarded), (guarded, plain), (plain, plain)):
        with LocalImageBuilder() as local:
            client = ibd.DistributionConfigurationClient(local.boto3_client())
            arn = client.create_distribution_configuration("web", SHARED).distribution_configuration_arn
            counts = kept(local, arn, dict(zip(REGIONS, writers, strict=True)), 200)
        names = [writer.__name__ for writer in writers]
        print(f"{' beside '.join(names)}: kept {' and '.join(map(str, counts.values()))} of 200 each")  # noqa: T201 - a measurement
    with LocalImageBuilder() as local:
        client = ibd.DistributionConfigurationClient(local.boto3_client())
        arn = client.create_distribution_configuration("web", SHARED).distribution_configuration_arn
        done = asyncio.run(in_tasks(local.url, arn, 20, 20))
        print(f"20 tasks in one loop: kept {shared(local, arn)[REGIONS[0]]} of {done} that were reported as done")  # noqa: T201 - a measurement


if __name__ == "__main__":
    main()
