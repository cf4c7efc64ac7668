"""
The CPU time of making a client, with what is shared between clients ready: boto3's, and ours.
"""

import boto3

from imagebuilder_dist import DistributionConfigurationClient
from tests.benchmarks.report import Section, show, table
from tests.benchmarks.timing import Sampler, cpu_time, interleave

_NOTES = """\
Milliseconds, and the ratio to boto3's.
boto3's client is of a session that has made one already, as its default session is."""


def run(seconds: float) -> Section:
    # Not the default session, which ours would use, too.
    session = boto3.Session()
    samplers: dict[str, Sampler] = {
        "boto3's": cpu_time(lambda: session.client("imagebuilder", region_name="us-west-2")),
        "ours": cpu_time(lambda: DistributionConfigurationClient(region_name="us-west-2")),
        "ours, with session=": cpu_time(
            lambda: DistributionConfigurationClient(session=session, region_name="us-west-2")
        ),
    }
    measured = interleave(samplers, seconds)
    ratios = {name: samples.over(measured["boto3's"]) for name, samples in measured.items()}
    rows = [[name, f"{samples.best * 1000:.2f}", show(ratios[name])] for name, samples in measured.items()]
    return Section(
        "Making a client",
        f"{table(['', 'ms', 'ratio'], rows)}\n\n{_NOTES}",
        {
            "making a client / boto3's": ratios["ours"],
            "making a client with session= / boto3's": ratios["ours, with session="],
        },
    )
