"""
The CPU time of reading large files, with positions and validation, next to parsing alone.
"""

import json

import yaml

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.benchmarks.report import Section, show, table
from tests.benchmarks.timing import Sampler, cpu_time, interleave
from tests.benchmarks.workloads import accounts

_NOTES = """\
A request of 17 Regions with 1,536 target accounts each, read with positions and validated.
Milliseconds, and the ratio to the line above."""


def run(seconds: float) -> Section:
    request = ibd.CreateDistributionConfigurationRequest(name="web", distributions=accounts(17, 1536).models())
    as_json, as_yaml = documents.dumps(request, "json"), documents.dumps(request, "yaml")
    unquoted = as_yaml.replace('"', "")
    samplers: dict[str, Sampler] = {
        "PyYAML's compose": cpu_time(lambda: yaml.compose(as_yaml, Loader=yaml.CSafeLoader)),
        "a YAML file": cpu_time(lambda: documents.loads(as_yaml)),
        "PyYAML's compose, unquoted": cpu_time(lambda: yaml.compose(unquoted, Loader=yaml.CSafeLoader)),
        "a YAML file, unquoted": cpu_time(lambda: documents.loads(unquoted)),
        "json.loads and from_boto3": cpu_time(
            lambda: ibd.from_boto3(json.loads(as_json), ibd.CreateDistributionConfigurationRequest)
        ),
        "a JSON file": cpu_time(lambda: documents.loads(as_json)),
    }
    measured = interleave(samplers, seconds)
    bases = {
        "a YAML file": "PyYAML's compose",
        "a YAML file, unquoted": "PyYAML's compose, unquoted",
        "a JSON file": "json.loads and from_boto3",
    }
    ratios = {name: measured[name].over(measured[base]) for name, base in bases.items()}
    rows = [
        [name, f"{samples.best * 1000:.2f}", show(ratios[name]) if name in ratios else ""]
        for name, samples in measured.items()
    ]
    return Section(
        "Reading files",
        f"{table(['', 'ms', 'ratio'], rows)}\n\n{_NOTES}",
        {f"reading {name} / {bases[name]}": ratio for name, ratio in ratios.items()},
    )
