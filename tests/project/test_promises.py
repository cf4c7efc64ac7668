"""
Promises in SECURITY.md that no other test covers.
"""

import subprocess
import sys
from pathlib import Path

WATCHED = """
import os, sys
from functools import partial

paths, addresses = [], []

def watch(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        paths.append(arguments[0])
    elif event in {"os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink"}:
        paths.append(arguments[0])
    elif event == "socket.connect":
        addresses.append(arguments[1])

sys.addaudithook(watch)

import imagebuilder_dist as ibd
from imagebuilder_dist import documents, steps
from imagebuilder_dist.prerequisites import prerequisites
from imagebuilder_dist.testing import LocalImageBuilder, examples

with LocalImageBuilder() as local:
    client = ibd.DistributionConfigurationClient(local.boto3_client())
    web = examples.complete(ibd.Distribution)
    arn = client.create_distribution_configuration("web", [web]).distribution_configuration_arn
    client.edit_distribution_configuration(arn, partial(steps.add_launch_permissions, user_ids=["999988887777"]))
    request = client.get_distribution_configuration(arn).to_request()
    documents.loads(documents.dumps(request, format="yaml"))
    str(prerequisites(request, owner="123456789012"))
    client.delete_distribution_configuration(arn)
    url = local.url

assert paths == [], paths
assert {f"http://{host}:{port}" for host, port in addresses} == {url}, addresses
documents.dump(request, sys.argv[1])
print(*map(os.path.dirname, paths), sep="\\n")
"""


def test_nothing_is_written_but_what_is_named_and_nothing_is_called_but_the_endpoint(tmp_path: Path) -> None:
    command = [sys.executable, "-B", "-c", WATCHED, str(tmp_path / "web.json")]

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert set(ran.stdout.split()) == {str(tmp_path)}
