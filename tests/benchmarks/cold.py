"""
A cold start: from a fresh interpreter to the end of an import, and to the end of the first call.
"""

import subprocess
import sys
from functools import partial

from tests.benchmarks.report import Section, compared, table
from tests.benchmarks.server import serving
from tests.benchmarks.timing import interleave
from tests.benchmarks.workloads import ARN

_TIMED = """\
import time
start = time.perf_counter()
{code}
print(time.perf_counter() - start)
"""

_RAW_CALL = f"""\
import sys
import boto3
client = boto3.client("imagebuilder", region_name="us-west-2", endpoint_url=sys.argv[1])
client.update_distribution_configuration(
    distributionConfigurationArn="{ARN}",
    distributions=[
        {{"region": "us-west-2", "amiDistributionConfiguration": {{"targetAccountIds": ["111122223333"]}}}}
    ],
)
"""
_TYPED_CALL = f"""\
import sys
from imagebuilder_dist import AmiDistributionConfiguration, Distribution, DistributionConfigurationClient
client = DistributionConfigurationClient(region_name="us-west-2", endpoint_url=sys.argv[1])
client.update_distribution_configuration(
    "{ARN}",
    [
        Distribution(
            region="us-west-2",
            ami_distribution_configuration=AmiDistributionConfiguration(target_account_ids=["111122223333"]),
        )
    ],
)
"""
_CAPO_CALL = f"""\
import sys
from capo_imagebuilder import imagebuilderClient
client = imagebuilderClient(region="us-west-2", endpoint=sys.argv[1])
client.update_distribution_configuration(
    "{ARN}",
    [{{"region": "us-west-2", "ami_distribution_configuration": {{"target_account_ids": ["111122223333"]}}}}],
    "token",
)
"""
_CASES = {
    "import boto3": "import boto3",
    "import imagebuilder_dist": "import imagebuilder_dist",
    "import capo_imagebuilder": "import capo_imagebuilder",
    "raw boto3's first call": _RAW_CALL,
    "the first typed call": _TYPED_CALL,
    "capo-imagebuilder's first call": _CAPO_CALL,
}

_NOTES = """\
Milliseconds, without the start of the interpreter.
A first call is the import, the making of a client, and a call to a server on the loopback interface."""


def run(seconds: float) -> Section:
    with serving(latency=0) as url:
        samplers = {name: partial(_sample, code, url) for name, code in _CASES.items()}
        for sample in samplers.values():
            sample()  # compiles what isn't compiled yet
        measured = interleave(samplers, seconds)
    ratios = {
        "import imagebuilder_dist / import boto3": measured["import imagebuilder_dist"].over(measured["import boto3"]),
        "cold start to the end of the first call": measured["the first typed call"].over(
            measured["raw boto3's first call"]
        ),
    }
    rows = [[name, f"{samples.best * 1000:.0f} ({samples.median * 1000:.0f})"] for name, samples in measured.items()]
    summary = [
        compared("import", measured["import boto3"], measured["import imagebuilder_dist"]),
        compared("first call of a process", measured["raw boto3's first call"], measured["the first typed call"]),
    ]
    return Section("Cold start", f"{table(['', 'ms'], rows)}\n\n{_NOTES}", ratios, summary)


def _sample(code: str, url: str) -> float:
    command = [sys.executable, "-c", _TIMED.format(code=code), url]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
