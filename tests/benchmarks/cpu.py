"""
The CPU time of a call, with HTTP faked below botocore: raw boto3's, ours, and that of peers in front of raw boto3.
"""

import json
from collections.abc import Mapping
from typing import Any

from imagebuilder_dist import DistributionConfigurationClient, UpdateDistributionConfigurationRequest, validate
from tests.benchmarks import workloads
from tests.benchmarks.calls import Call, raw_call, typed_call
from tests.benchmarks.canned import Canned
from tests.benchmarks.peers import PEERS, Peer
from tests.benchmarks.report import Section, compared, show, table
from tests.benchmarks.timing import Samples, cpu_time, interleave
from tests.benchmarks.workloads import ARN, Workload

_PLAIN, _WARNED = (
    [
        *(workloads.everything(count, warns=warns) for count in (1, 5, 20)),
        workloads.accounts(17, 1536, warns=warns),
    ]
    for warns in (False, True)
)
_RAW = "raw boto3, ready dicts"
_TYPED = "typed call, fresh objects"
_RAW_WARNED = "raw boto3, dicts with two warnings a Region"
_TYPED_WARNED = "typed call, two warnings a Region"
_RAW_GET = "raw get"
_GET = "typed get"
_BASES = {_TYPED_WARNED: _RAW_WARNED, _GET: _RAW_GET}

_SUMMARY = {"an update": (_RAW, _TYPED, _PLAIN), "a get": (_RAW_GET, _GET, _PLAIN[1::2])}

_NOTES = """\
Raw boto3 in microseconds a call, the others as a ratio to it: to the call with the same dicts, and gets to its get.
pydantic, msgspec, mashumaro and troposphere stand before boto3, and so add to it."""


def run(seconds: float) -> Section:
    """Measure each workload for so many *seconds*."""
    measured = {plain.name: _measure(plain, warned, seconds) for plain, warned in zip(_PLAIN, _WARNED, strict=True)}
    ratios = {
        f"{case}, {workload}": samples[case].over(samples[_BASES.get(case, _RAW)])
        for workload, samples in measured.items()
        for case in samples
    }

    def cell(case: str, workload: str) -> str:
        if case in {_RAW, _RAW_WARNED, _RAW_GET}:
            samples = measured[workload][case]
            return f"{samples.best * 1e6:,.0f} ({samples.median * 1e6:,.0f})"
        return show(ratios[f"{case}, {workload}"])

    cases = measured[_PLAIN[0].name]
    rows = [[case, *(cell(case, workload) for workload in measured)] for case in cases]
    summary = [
        compared(f"CPU time of {operation}, {each.name}", measured[each.name][raw], measured[each.name][ours])
        for operation, (raw, ours, workloads_shown) in _SUMMARY.items()
        for each in workloads_shown
    ]
    return Section("CPU time of a call", f"{table(['', *measured], rows)}\n\n{_NOTES}", ratios, summary)


def _measure(plain: Workload, warned: Workload, seconds: float) -> dict[str, Samples]:
    canned = Canned(plain.documents())
    raw = canned.boto3_client()
    typed = DistributionConfigurationClient(session=canned.session, region_name="us-west-2")
    updates = _updates(plain, canned, raw, typed)
    warned_updates = {_RAW_WARNED: raw_call(raw, warned), _TYPED_WARNED: typed_call(typed, warned)}
    gets: dict[str, Call] = {
        _RAW_GET: lambda: raw.get_distribution_configuration(distributionConfigurationArn=ARN),
        _GET: lambda: typed.get_distribution_configuration(ARN),
    }
    _check(updates, canned, plain)
    _check(warned_updates, canned, warned)
    calls = {**updates, **warned_updates, **gets}
    return interleave({name: cpu_time(call) for name, call in calls.items()}, seconds)


def _updates(workload: Workload, canned: Canned, raw: Any, typed: DistributionConfigurationClient) -> dict[str, Call]:
    passed_in = DistributionConfigurationClient(canned.boto3_client())
    prebuilt = workload.models()
    return {
        _RAW: raw_call(raw, workload),
        _TYPED: typed_call(typed, workload),
        "typed call, prebuilt objects": lambda: typed.update_distribution_configuration(ARN, prebuilt),
        "through a client that is passed in": typed_call(passed_in, workload),
        **{name: _peer_call(raw, peer, workload) for name, peer in PEERS.items()},
    }


def _peer_call(client: Any, peer: Peer, workload: Workload) -> Call:
    prepared = [peer.prepare(document) for document in workload.documents()]
    return lambda: client.update_distribution_configuration(
        distributionConfigurationArn=ARN,
        distributions=[peer.dump(peer.build(document)) for document in prepared],
    )


def _check(calls: Mapping[str, Call], canned: Canned, workload: Workload) -> None:
    """Make sure that what is compared is the same: all calls send the workload, which has the warnings that it says."""
    documents = workload.documents()
    for name, call in calls.items():
        call()
        lacks = PEERS[name].lacks if name in PEERS else frozenset[str]()
        expected = [{key: document[key] for key in document.keys() - lacks} for document in documents]
        if json.loads(canned.sent)["distributions"] != expected:
            raise AssertionError(f"{name} sends something else")
    request = UpdateDistributionConfigurationRequest(
        distribution_configuration_arn=ARN, distributions=workload.models()
    )
    if len(validate(request)) != workload.warnings:
        raise AssertionError(f"{workload.name} should make {workload.warnings} warnings")
