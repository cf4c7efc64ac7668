"""
The CPU time of whole clients, HTTP included, against a server on the loopback interface.

They are boto3's, ours, and capo-imagebuilder's, which does without botocore.
"""

from typing import Any

import boto3

from imagebuilder_dist import DistributionConfigurationClient, to_boto3
from tests.benchmarks import capo, workloads
from tests.benchmarks.calls import Call, raw_call, typed_call
from tests.benchmarks.report import Section, show, table
from tests.benchmarks.server import serving
from tests.benchmarks.timing import Samples, cpu_time, interleave
from tests.benchmarks.workloads import ARN, Document, Workload

_WORKLOADS = [*(workloads.everything(count) for count in (1, 5, 20)), workloads.accounts(17, 1536)]
_OTHER = workloads.accounts(1, 1)

_RAW = "raw boto3, ready dicts"
_TYPED = "typed call, fresh objects"
_CAPO = "capo-imagebuilder, ready dicts"
_RAW_GET = "raw get"
_TYPED_GET = "typed get"
_CAPO_GET = "capo-imagebuilder's get"
_BASES = {_TYPED: _RAW, _CAPO: _RAW, _TYPED_GET: _RAW_GET, _CAPO_GET: _RAW_GET}

_NOTES = """\
CPU time of the client's process: boto3's in microseconds a call, the others as a ratio to it.
capo-imagebuilder checks no values."""


def run(seconds: float) -> Section:
    """Measure each workload for so many *seconds*."""
    with serving(latency=0) as url:
        measured = {workload.name: _measure(url, workload, seconds) for workload in _WORKLOADS}
    cases = [_RAW, _TYPED, _CAPO, _RAW_GET, _TYPED_GET, _CAPO_GET]
    rows = [[case, *(_cell(case, samples) for samples in measured.values())] for case in cases]
    return Section("Whole clients, HTTP included", f"{table(['', *measured], rows)}\n\n{_NOTES}")


def _cell(case: str, samples: dict[str, Samples]) -> str:
    if case in _BASES:
        return show(samples[case].over(samples[_BASES[case]]))
    return f"{samples[case].best * 1e6:,.0f} ({samples[case].median * 1e6:,.0f})"


def _measure(url: str, workload: Workload, seconds: float) -> dict[str, Samples]:
    raw: Any = boto3.Session().client("imagebuilder", region_name="us-west-2", endpoint_url=url)
    typed = DistributionConfigurationClient(region_name="us-west-2", endpoint_url=url)
    with capo.client(url) as theirs:
        calls: dict[str, Call] = {
            _RAW: raw_call(raw, workload),
            _TYPED: typed_call(typed, workload),
            _CAPO: capo.update_call(theirs, workload),
            _RAW_GET: lambda: raw.get_distribution_configuration(distributionConfigurationArn=ARN),
            _TYPED_GET: lambda: typed.get_distribution_configuration(ARN),
            _CAPO_GET: capo.get_call(theirs),
        }
        _check(calls, raw_call(raw, _OTHER), workload.documents())
        return interleave({name: cpu_time(call) for name, call in calls.items()}, seconds)


def _check(calls: dict[str, Call], overwrite: Call, documents: list[Document]) -> None:
    """Make sure that what is compared is the same: all updates store the workload, and all gets read it."""
    for update in (_RAW, _TYPED, _CAPO):
        overwrite()
        calls[update]()
        if calls[_RAW_GET]()["distributionConfiguration"]["distributions"] != documents:
            raise AssertionError(f"{update}: sends something else")
    if [to_boto3(each) for each in calls[_TYPED_GET]().distributions] != documents:
        raise AssertionError(f"{_TYPED_GET}: reads something else")
    read = calls[_CAPO_GET]()["distribution_configuration"]["distributions"]
    if read != [capo.in_snake_case(document) for document in documents]:
        raise AssertionError(f"{_CAPO_GET}: reads something else")
