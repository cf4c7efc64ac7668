"""
The CPU time of a call, with HTTP faked below botocore: raw boto3's, ours, and that of peers in front of raw boto3.
"""

import json
from collections.abc import Mapping
from typing import Any

from imagebuilder_dist import DistributionConfigurationClient
from tests.benchmarks import workloads
from tests.benchmarks.calls import Call, raw_call, typed_call
from tests.benchmarks.canned import Canned
from tests.benchmarks.peers import PEERS, Peer
from tests.benchmarks.report import Section, show, table
from tests.benchmarks.timing import Samples, cpu_time, interleave
from tests.benchmarks.workloads import ARN, Document, Workload

_WORKLOADS = [workloads.everything(1), workloads.everything(5), workloads.everything(20), workloads.accounts(17, 1536)]
_RAW = "raw boto3, ready dicts"
_RAW_GET = "raw get"
_GET = "typed get"

_NOTES = """\
Raw boto3 in microseconds a call, the others as a ratio to it, and gets to its get.
The best slice, and the median of all slices in brackets.
Raw boto3's dicts are ready before the call; fresh objects are made in the call, and everything is validated.
A client handed in is an ordinary boto3 client, which validates a second time.
Peers read the ready dicts, dump them again and call raw boto3.
pydantic and msgspec check the service model's lengths, patterns and values; mashumaro and troposphere check none.
troposphere can't say the S3 export, and its CloudFormation names are translated back in the call."""


def run(seconds: float) -> Section:
    """Measure each workload for so many *seconds*."""
    measured = {workload.name: _measure(workload, seconds) for workload in _WORKLOADS}
    ratios = {
        f"{case}, {workload}": samples[case].over(samples[_RAW_GET if case == _GET else _RAW])
        for workload, samples in measured.items()
        for case in samples
    }
    cases = [*measured[_WORKLOADS[0].name]]

    def cell(case: str, workload: str) -> str:
        if case in {_RAW, _RAW_GET}:
            samples = measured[workload][case]
            return f"{samples.best * 1e6:,.0f} ({samples.median * 1e6:,.0f})"
        return show(ratios[f"{case}, {workload}"])

    rows = [[case, *(cell(case, workload) for workload in measured)] for case in cases]
    return Section("CPU time of a call", f"{table(['', *measured], rows)}\n\n{_NOTES}", ratios)


def _measure(workload: Workload, seconds: float) -> dict[str, Samples]:
    canned = Canned(workload.documents())
    calls = _updates(workload, canned)
    _check(calls, canned, workload.documents())
    calls |= _gets(canned)
    return interleave({name: cpu_time(call) for name, call in calls.items()}, seconds)


def _updates(workload: Workload, canned: Canned) -> dict[str, Call]:
    raw = canned.boto3_client()
    typed = DistributionConfigurationClient(session=canned.session, region_name="us-west-2")
    handed_in = DistributionConfigurationClient(canned.boto3_client())
    prebuilt = workload.models()
    return {
        _RAW: raw_call(raw, workload),
        "typed call, fresh objects": typed_call(typed, workload),
        "typed call, prebuilt objects": lambda: typed.update_distribution_configuration(ARN, prebuilt),
        "through a client handed in": typed_call(handed_in, workload),
        **{name: _peer_call(raw, peer, workload) for name, peer in PEERS.items()},
    }


def _peer_call(client: Any, peer: Peer, workload: Workload) -> Call:
    prepared = [peer.prepare(document) for document in workload.documents()]
    return lambda: client.update_distribution_configuration(
        distributionConfigurationArn=ARN,
        distributions=[peer.dump(peer.build(document)) for document in prepared],
    )


def _gets(canned: Canned) -> dict[str, Call]:
    raw = canned.boto3_client()
    typed = DistributionConfigurationClient(session=canned.session, region_name="us-west-2")
    return {
        _RAW_GET: lambda: raw.get_distribution_configuration(distributionConfigurationArn=ARN),
        _GET: lambda: typed.get_distribution_configuration(ARN),
    }


def _check(calls: Mapping[str, Call], canned: Canned, documents: list[Document]) -> None:
    """Make sure that what is compared is the same: all calls send the workload."""
    for name, call in calls.items():
        call()
        lacks = PEERS[name].lacks if name in PEERS else frozenset[str]()
        expected = [{key: document[key] for key in document.keys() - lacks} for document in documents]
        if json.loads(canned.sent)["distributions"] != expected:
            raise AssertionError(f"{name} sends something else")
