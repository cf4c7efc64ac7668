"""
How the CPU time of a call grows with its Regions, and with its account ids: a table and a plot.
"""

from collections.abc import Sequence

import attrs

from imagebuilder_dist import DistributionConfigurationClient
from tests.benchmarks import workloads
from tests.benchmarks.calls import raw_call, typed_call
from tests.benchmarks.canned import Canned
from tests.benchmarks.plot import Panel, svg
from tests.benchmarks.report import Section, table
from tests.benchmarks.timing import cpu_time, interleave
from tests.benchmarks.workloads import Workload


@attrs.frozen
class _Size:
    count: int
    workload: Workload


_REGIONS = [_Size(count, workloads.everything(count)) for count in (1, 3, 10, 30)]
_PLOT = "growth.svg"
_ACCOUNTS = [_Size(17 * count, workloads.accounts(17, count)) for count in (1, 16, 160, 1536)]


def run(seconds: float) -> Section:
    """Measure for so many *seconds*."""
    canned = Canned([])
    raw = canned.boto3_client()
    typed = DistributionConfigurationClient(session=canned.session, region_name="us-west-2")
    sizes = _REGIONS + _ACCOUNTS
    samplers = {("raw boto3", size): cpu_time(raw_call(raw, size.workload)) for size in sizes} | {
        ("typed", size): cpu_time(typed_call(typed, size.workload)) for size in sizes
    }
    samples = interleave(samplers, seconds)

    def panel(unit: str, sizes: Sequence[_Size]) -> Panel:
        points = {
            kind: [(size.count, samples[kind, size].best * 1e6 / size.count) for size in sizes]
            for kind in ("raw boto3", "typed")
        }
        return Panel(f"microseconds per {unit}", f"{unit}s in the call", points)

    panels = [panel("Region", _REGIONS), panel("account id", _ACCOUNTS)]
    tables = [_table(each) for each in panels]
    text = "\n\n".join([f"![{' and '.join(each.title for each in panels)}]({_PLOT})", *tables])
    return Section("Growth", text, plots={_PLOT: svg(panels)})


def _table(panel: Panel) -> str:
    counts = [f"{count:,}" for count, _ in panel.lines["typed"]]
    rows = [[name, *(f"{y:,.2f}" for _, y in points)] for name, points in panel.lines.items()]
    return table([f"{panel.title}, by {panel.x_label}", *counts], rows)
