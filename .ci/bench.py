"""
Measures what docs/performance.md says, as ratios to raw boto3 in one run, and prints one Markdown table a topic.

`make bench` runs it; `python .ci/bench.py calls growth` runs only some topics. Nothing else should run meanwhile.
HTTP is faked just below botocore by its public `before-send` event, the same for every case.
"""

import asyncio
import gc
import importlib.util
import json
import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any

import attrs
import boto3
import botocore
from botocore.awsrequest import AWSResponse
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist import documents, steps
from imagebuilder_dist.prerequisites import prerequisites
from imagebuilder_dist.testing import LocalImageBuilder

OWNER, FOREIGN = "123456789012", "111122223333"
ARN = f"arn:aws:imagebuilder:us-west-2:{OWNER}:distribution-configuration/web"
TEMPLATE = "lt-0123456789abcdef0"
# The configuration's own Region first: a warning asks for it if other accounts get copies.
REGIONS = sorted(boto3.Session().get_available_regions("ec2"), key=lambda region: region != "us-west-2")
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))


def everything(region: str, *, warns: bool = False) -> ibd.Distribution:
    """
    Return a distribution with every structure of the service; with *warns*, two warnings are found in it.
    """
    return ibd.Distribution(
        region=region,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            name="web {{ imagebuilder:buildDate }}",
            description="Web servers",
            target_account_ids=[FOREIGN if warns else OWNER],
            ami_tags={"team": "web", "stage": "production"},
            kms_key_id=None if warns else "alias/web",
            launch_permission=ibd.LaunchPermissionConfiguration(
                user_ids=[FOREIGN, "444455556666"],
                user_groups=["all"] if warns else [],
                organization_arns=[f"arn:aws:organizations::{OWNER}:organization/o-abcdefghij"],
                organizational_unit_arns=[f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh"],
            ),
        ),
        container_distribution_configuration=ibd.ContainerDistributionConfiguration(
            description="Web container",
            container_tags=["latest"],
            target_repository=ibd.TargetContainerRepository(service="ECR", repository_name="web"),
        ),
        license_configuration_arns=[
            f"arn:aws:license-manager:{region}:{OWNER}:license-configuration:lic-0123456789abcdef0123456789abcdef"
        ],
        launch_template_configurations=[
            # A template's id exists in one Region only.
            ibd.LaunchTemplateConfiguration(
                launch_template_id=f"lt-{REGIONS.index(region):017}", account_id=OWNER, set_default_version=False
            )
        ],
        s3_export_configuration=ibd.S3ExportConfiguration(
            role_name="vmimport", disk_image_format="VHD", s3_bucket="images", s3_prefix="web/"
        ),
        fast_launch_configurations=[
            ibd.FastLaunchConfiguration(
                enabled=True,
                snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=5),
                max_parallel_launches=6,
                launch_template=ibd.FastLaunchLaunchTemplateSpecification(
                    launch_template_id=f"lt-{REGIONS.index(region):017}", launch_template_version="$Latest"
                ),
                account_id=OWNER,
            )
        ],
        ssm_parameter_configurations=[
            ibd.SsmParameterConfiguration(parameter_name="/ami/web", ami_account_id=OWNER, data_type="aws:ec2:image")
        ],
    )


def accounts(region: str, count: int = 1536, *, warns: bool = False) -> ibd.Distribution:
    """
    Return a distribution that is little but a list of target accounts.
    """
    return ibd.Distribution(
        region=region,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            name="web {{ imagebuilder:buildDate }}",
            target_account_ids=ACCOUNTS[:count],
            launch_permission=ibd.LaunchPermissionConfiguration(user_groups=["all"]) if warns else None,
        ),
        fast_launch_configurations=[ibd.FastLaunchConfiguration(enabled=True)] if warns else [],
    )


ACCOUNTS = [str(100_000_000_000 + number) for number in range(30_000)]
Workload = Callable[[], list[ibd.Distribution]]


def workloads(*, warns: bool = False) -> dict[str, Workload]:
    """
    Return what is sent, by name.
    """
    full: dict[str, Workload] = {
        str(count): lambda count=count: [everything(region, warns=warns) for region in REGIONS[:count]]  # type: ignore[misc]
        for count in (1, 5, 20)
    }
    return {**full, "17x1536": lambda: [accounts(region, warns=warns) for region in REGIONS[:17]]}


@attrs.frozen
class Body:
    """A body on its way, as urllib3 passes it to botocore."""

    content: bytes

    def stream(self) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.content


def canned_session(distributions: list[dict[str, Any]]) -> Any:
    """
    Return a boto3 session whose clients get responses to updates and gets, and send nothing.
    """
    stored = {
        "arn": ARN,
        "name": "web",
        "description": "Web servers",
        "distributions": distributions,
        "timeoutMinutes": 720,
        "dateCreated": "2026-09-09T19:37:37.231Z",
        "tags": {"team": "web"},
    }
    request_id = {"requestId": "11111111-2222-3333-4444-555555555555"}
    session = boto3.Session("test", "test", region_name="us-west-2")
    for operation, content in {
        "UpdateDistributionConfiguration": {**request_id, "distributionConfigurationArn": ARN},
        "GetDistributionConfiguration": {**request_id, "distributionConfiguration": stored},
    }.items():
        body = json.dumps(content).encode()
        headers: Any = {"Content-Type": "application/json", "Content-Length": str(len(body))}

        def respond(request: Any, body: bytes = body, headers: Any = headers, **_: object) -> Any:
            return AWSResponse(request.url, 200, headers, Body(body))

        session.events.register(f"before-send.imagebuilder.{operation}", respond)
    return session


def timed(cases: Mapping[str, Callable[[], object]], seconds: float = SECONDS) -> dict[str, float]:
    """
    Return each case's best CPU seconds; they run in turn, in short slices and in a new order each round.
    """
    repeats: dict[str, int] = {}
    for name, call in cases.items():
        call()
        start = time.process_time()
        call()
        repeats[name] = max(1, round(0.005 / max(time.process_time() - start, 1e-6)))
    best = dict.fromkeys(cases, math.inf)
    names = [*cases]
    gc.collect()
    gc.freeze()  # what is there already isn't looked through before every slice
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        random.shuffle(names)
        for name in names:
            gc.collect()
            gc.disable()
            start = time.process_time()
            for _ in range(repeats[name]):
                cases[name]()
            best[name] = min(best[name], (time.process_time() - start) / repeats[name])
            gc.enable()
    gc.unfreeze()
    return best


def table(head: list[str], rows: list[list[str]]) -> None:
    """
    Print a Markdown table.
    """
    print("\n| " + " | ".join(head) + " |")
    print("|" + "---|" + "--:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def calls() -> None:
    """
    CPU time of calls: raw boto3 with ready dicts, and ours with everything built and validated in the call.
    """
    rows: dict[str, list[str]] = {}
    for name, workload in workloads().items():
        warned = workloads(warns=True)[name]
        plain_documents = [ibd.to_boto3(each) for each in workload()]
        warned_documents = [ibd.to_boto3(each) for each in warned()]
        session = canned_session(plain_documents)
        raw = session.client("imagebuilder")
        typed = ibd.DistributionConfigurationClient(session=session)
        passed_in = ibd.DistributionConfigurationClient(session.client("imagebuilder"))
        raw_update = partial(raw.update_distribution_configuration, distributionConfigurationArn=ARN)
        raw_get = partial(raw.get_distribution_configuration, distributionConfigurationArn=ARN)
        prebuilt = workload()
        json_text = json.dumps({"distributionConfigurationArn": ARN, "distributions": plain_documents})

        def raw_edit(raw_get: Any = raw_get, raw_update: Any = raw_update) -> None:
            raw_get()
            raw_update(distributions=raw_get()["distributionConfiguration"]["distributions"])

        cases: dict[str, Callable[[], object]] = {
            "raw": partial(raw_update, distributions=plain_documents),
            "raw, warned": partial(raw_update, distributions=warned_documents),
            "raw get": raw_get,
            "raw edit": raw_edit,
            "raw, JSON": lambda text=json_text, raw=raw: raw.update_distribution_configuration(**json.loads(text)),  # type: ignore[misc]
            "typed update": lambda w=workload, c=typed: c.update_distribution_configuration(ARN, w()),  # type: ignore[misc]
            "typed update, two warnings a Region": lambda w=warned, c=typed: c.update_distribution_configuration(  # type: ignore[misc]
                ARN, w()
            ),
            "typed update, models ready": partial(typed.update_distribution_configuration, ARN, prebuilt),
            "typed update, client passed in": lambda w=workload, c=passed_in: c.update_distribution_configuration(  # type: ignore[misc]
                ARN, w()
            ),
            "typed get": partial(typed.get_distribution_configuration, ARN),
            "edit": partial(
                typed.edit_distribution_configuration, ARN, lambda stored: steps.set_description(stored, "new")
            ),
            "JSON file and update": lambda text=json_text, c=typed: send_file(c, text),  # type: ignore[misc]
            **peers(raw_update, plain_documents),
        }
        bases = {
            "typed update, two warnings a Region": "raw, warned",
            "typed get": "raw get",
            "edit": "raw edit",
            "JSON file and update": "raw, JSON",
        }
        if importlib.util.find_spec("yaml"):
            import yaml  # noqa: PLC0415 - an extra

            yaml_text = yaml.safe_dump(json.loads(json_text))
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            cases["raw, YAML"] = lambda text=yaml_text, raw=raw, loader=loader: raw.update_distribution_configuration(  # type: ignore[misc]
                **yaml.load(text, loader)  # noqa: S506 - a safe one
            )
            cases["YAML file and update"] = lambda text=yaml_text, c=typed: send_file(c, text)  # type: ignore[misc]
            bases["YAML file and update"] = "raw, YAML"
        best = timed(cases)
        rows.setdefault("raw update, microseconds", []).append(f"{best['raw'] * 1e6:,.0f}")
        for case, seconds in best.items():
            if not case.startswith("raw"):
                rows.setdefault(case, []).append(f"{seconds / best[bases.get(case, 'raw')]:.2f}")
    table(["ratio to raw boto3", *workloads()], [[case, *cells] for case, cells in rows.items()])


def send_file(client: ibd.DistributionConfigurationClient, text: str) -> None:
    """
    Send the update in a file's *text*.
    """
    request: Any = documents.loads(text).content
    client.send(request)


def peers(update: Any, ready: list[dict[str, Any]]) -> dict[str, Callable[[], object]]:
    """
    Return the same call with the same checks in pydantic and in msgspec, in front of raw boto3.
    """
    found: dict[str, Callable[[], object]] = {}
    model: Any = botocore.session.get_session().get_service_model("imagebuilder")
    shape = model.operation_model("UpdateDistributionConfiguration").input_shape.members["distributions"].member
    if importlib.util.find_spec("pydantic"):
        of_pydantic = pydantic_model(shape)
        found["pydantic before raw boto3"] = lambda: update(
            distributions=[of_pydantic.model_validate(each).model_dump(exclude_none=True) for each in ready]
        )
    if importlib.util.find_spec("msgspec"):
        import msgspec  # noqa: PLC0415 - only measured if it is there

        of_msgspec = msgspec_model(shape)
        found["msgspec before raw boto3"] = lambda: update(
            distributions=[msgspec.to_builtins(msgspec.convert(each, of_msgspec)) for each in ready]
        )
    return found


def constraints(shape: Any) -> dict[str, Any]:
    """
    Return what botocore's model says of a value, in the words that pydantic and msgspec share.
    """
    kind = shape.type_name
    low, high = ("ge", "le") if kind == "integer" else ("min_length", "max_length")
    names = {"min": low, "max": high, "pattern": "pattern"}
    return {names[key]: value for key, value in shape.metadata.items() if key in names}


def annotation(shape: Any, structure: Callable[[Any], Any], meta: Callable[..., Any]) -> Any:
    """
    Return the annotation of a botocore *shape*.
    """
    from typing import Annotated, Literal  # noqa: PLC0415 - used here only

    if shape.type_name == "structure":
        return structure(shape)
    if getattr(shape, "enum", None):
        return Literal[tuple(shape.enum)]
    limits = constraints(shape)
    if shape.type_name == "list":
        inner: Any = list[annotation(shape.member, structure, meta)]  # type: ignore[misc]
    elif shape.type_name == "map":
        key, value = annotation(shape.key, structure, meta), annotation(shape.value, structure, meta)
        inner = dict[key, value]  # type: ignore[valid-type]
    else:
        inner = {"string": str, "integer": int, "boolean": bool}[shape.type_name]
    return Annotated[inner, meta(**limits)] if limits else inner


def pydantic_model(shape: Any) -> Any:
    """
    Return a pydantic model of a botocore structure.
    """
    import pydantic  # noqa: PLC0415 - only measured if it is there

    config = pydantic.ConfigDict(extra="forbid", regex_engine="python-re")
    members: Any = {}
    for name, member in shape.members.items():
        of = annotation(member, pydantic_model, pydantic.Field)
        members[name] = (of, ...) if name in shape.required_members else (of | None, None)
    return pydantic.create_model(shape.name, __config__=config, **members)


def msgspec_model(shape: Any) -> Any:
    """
    Return a msgspec struct of a botocore structure.
    """
    import msgspec  # noqa: PLC0415 - only measured if it is there

    members: list[Any] = []
    for name, member in shape.members.items():
        of = annotation(member, msgspec_model, msgspec.Meta)
        members.append((name, of) if name in shape.required_members else (name, of | None, None))
    return msgspec.defstruct(shape.name, members, kw_only=True, omit_defaults=True, forbid_unknown_fields=True)


RAW_FIRST = f"""
import sys, boto3
client = boto3.client("imagebuilder", region_name="us-west-2", endpoint_url=sys.argv[1])
client.update_distribution_configuration(distributionConfigurationArn="{ARN}", distributions=[
    {{"region": "us-west-2", "amiDistributionConfiguration": {{"targetAccountIds": ["{FOREIGN}"]}}}}])
"""
TYPED_FIRST = f"""
import sys
from imagebuilder_dist import AmiDistributionConfiguration, Distribution, DistributionConfigurationClient
client = DistributionConfigurationClient(region_name="us-west-2", endpoint_url=sys.argv[1])
client.update_distribution_configuration("{ARN}", [Distribution(region="us-west-2",
    ami_distribution_configuration=AmiDistributionConfiguration(target_account_ids=["{FOREIGN}"]))])
"""


def starts() -> None:
    """
    Import, first call of a process, and making a client.
    """
    scripts = {
        "import boto3": "import boto3",
        "import": "import imagebuilder_dist",
        "raw": RAW_FIRST,
        "typed": TYPED_FIRST,
    }
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # it would compile the checkout in every process
    taken: dict[str, list[float]] = {name: [] for name in scripts}
    with LocalImageBuilder() as local:
        local.put(ibd.DistributionConfiguration(arn=ARN, name="web"))
        for _ in range(max(5, round(4 * SECONDS))):
            for name in random.sample([*scripts], len(scripts)):
                code = f"import time; start = time.perf_counter()\n{scripts[name]}\nprint(time.perf_counter() - start)"
                command = [sys.executable, "-c", code, local.url]
                ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
                taken[name].append(float(ran.stdout))
    median = {name: statistics.median(each[1:]) for name, each in taken.items()}
    session = boto3.Session("test", "test", region_name="us-west-2")
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-west-2")
    made = timed(
        {
            "boto3": lambda: boto3.client("imagebuilder"),
            "ours": ibd.DistributionConfigurationClient,
            "boto3, session": lambda: session.client("imagebuilder"),
            "ours, session": lambda: ibd.DistributionConfigurationClient(session=session),
        }
    )
    rows = [
        ["import", f"{median['import boto3'] * 1e3:.0f} ms", f"{median['import'] / median['import boto3']:.2f}"],
        ["first call of a process", f"{median['raw'] * 1e3:.0f} ms", f"{median['typed'] / median['raw']:.2f}"],
        ["making a client", f"{made['boto3'] * 1e3:.1f} ms", f"{made['ours'] / made['boto3']:.2f}"],
        [
            "making a client of a session",
            f"{made['boto3, session'] * 1e3:.1f} ms",
            f"{made['ours, session'] / made['boto3, session']:.2f}",
        ],
    ]
    table(["", "boto3", "ratio"], rows)


def growth() -> None:
    """
    How cost grows: the exponent for 10 and for 100 times the size; 1 is linear.
    """
    many = [f"xx-{number}" for number in range(10_000)]

    def stored(count: int, ids: int = 1) -> ibd.DistributionConfiguration:
        return ibd.DistributionConfiguration(arn=ARN, distributions=[accounts(each, ids) for each in many[:count]])

    def moved(count: int) -> tuple[ibd.DistributionConfiguration, ibd.DistributionConfiguration]:
        after = ibd.DistributionConfiguration(
            arn=ARN, distributions=[accounts(each, 1, warns=True) for each in many[:count]]
        )
        return stored(count), after

    def text_of_difference(before: ibd.DistributionConfiguration, after: ibd.DistributionConfiguration) -> str:
        return str(ibd.diff(before, after))

    cases: dict[str, Callable[[int], Callable[[], object]]] = {
        "validate, Regions": lambda n: partial(ibd.validate, stored(n).distributions),
        "validate, accounts": lambda n: partial(ibd.validate, stored(1, n).distributions),
        "text of issues, Regions": lambda n: lambda: [str(each) for each in ibd.validate(stored(n).distributions)],
        "diff and its text, Regions": lambda n: partial(text_of_difference, *moved(n)),
        "load JSON, Regions": lambda n: partial(documents.loads, documents.dumps(stored(n).to_request())),
        "prerequisites, Regions": lambda n: lambda: str(prerequisites(stored(n))),
        "prerequisites, accounts": lambda n: lambda: str(prerequisites(stored(1, n))),
        "to_mermaid, Regions": lambda n: partial(documents.to_mermaid, stored(n)),
        "steps.add_launch_permissions, accounts": lambda n: partial(
            steps.add_launch_permissions, stored(1), user_ids=ACCOUNTS[:n]
        ),
    }
    rows: list[list[str]] = []
    for name, case in cases.items():
        seconds = []
        for size in (10, 100, 1000):
            call = case(size)
            call()
            seconds.append(min(_once(call) for _ in range(5)))
        exponents = [math.log10(after / before) for before, after in pairwise(seconds)]
        rows.append([name, f"{seconds[-1] * 1e3:.1f} ms", *(f"{each:.2f}" for each in exponents)])
    table(["", "1,000", "10 to 100", "100 to 1,000"], rows)


def _once(call: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    start = time.process_time()
    call()
    seconds = time.process_time() - start
    gc.enable()
    return seconds


def concurrent() -> None:
    """
    Calls a second with 50 ms of latency: ours for asyncio over a pool of threads, and over aiobotocore if it is there.
    """
    from imagebuilder_dist import aio  # noqa: PLC0415 - measured here only
    from imagebuilder_dist.testing import Delay  # noqa: PLC0415 - as above

    count, at_once = 1000, 100
    web = [ibd.to_boto3(everything(region)) for region in REGIONS[:5]]
    models = [everything(region) for region in REGIONS[:5]]
    with LocalImageBuilder() as local:
        local.put(ibd.DistributionConfiguration(arn=ARN, name="web"))
        local.inject(Delay(0.05), times=20 * count)
        config = Config(max_pool_connections=at_once)
        keys: Any = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-west-2"}
        raw: Any = boto3.client("imagebuilder", endpoint_url=local.url, config=config, **keys)
        raw_update = partial(raw.update_distribution_configuration, distributionConfigurationArn=ARN, distributions=web)

        def boto3_pool() -> None:
            with ThreadPoolExecutor(at_once) as pool:
                for future in [pool.submit(raw_update) for _ in range(count)]:
                    future.result()

        async def gathered(update: Callable[[], Any]) -> None:
            limit = asyncio.Semaphore(at_once)

            async def one() -> None:
                async with limit:
                    await update()

            await asyncio.gather(*(one() for _ in range(count)))

        async def own_pool() -> None:
            async with aio.DistributionConfigurationClient(
                session=boto3.Session("test", "test", region_name="us-west-2"), endpoint_url=local.url, config=config
            ) as client:
                await gathered(lambda: client.update_distribution_configuration(ARN, models))

        cases: dict[str, Callable[[], object]] = {
            "boto3, 100 threads": boto3_pool,
            "ours, own pool": lambda: asyncio.run(own_pool()),
        }
        if importlib.util.find_spec("aiobotocore"):
            cases |= aiobotocore_cases(local.url, gathered, web, models, at_once)
        else:
            print("\nCalls over aiobotocore aren't measured: it isn't installed.")
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(3):
            for name in random.sample([*cases], len(cases)):
                start = time.perf_counter()
                cases[name]()
                taken[name].append(count / (time.perf_counter() - start))
    median = {name: statistics.median(each) for name, each in taken.items()}
    bases = {name: "aiobotocore" if "aiobotocore" in name else "boto3, 100 threads" for name in cases}
    rows = [[name, f"{each:.0f}", f"{each / median[bases[name]]:.2f}"] for name, each in median.items()]
    table(["100 at once, 50 ms", "calls a second", "ratio to raw"], rows)


def aiobotocore_cases(url: str, gathered: Any, web: Any, models: Any, at_once: int) -> dict[str, Callable[[], object]]:
    """
    Return the calls over aiobotocore: raw, ours, and ours with its validation off.
    """
    from aiobotocore.config import AioConfig  # noqa: PLC0415 - only in its own environment
    from aiobotocore.session import get_session  # noqa: PLC0415 - as above

    from imagebuilder_dist import aio  # noqa: PLC0415 - measured here only

    async def over(*, typed: bool, validation: bool = True) -> None:
        config = AioConfig(max_pool_connections=at_once, parameter_validation=validation)
        keys: Any = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-west-2"}
        async with get_session().create_client("imagebuilder", endpoint_url=url, config=config, **keys) as client:
            if typed:
                ours = aio.DistributionConfigurationClient(client)
                await gathered(lambda: ours.update_distribution_configuration(ARN, models))
            else:
                await gathered(
                    lambda: client.update_distribution_configuration(
                        distributionConfigurationArn=ARN, distributions=web
                    )
                )

    return {
        "aiobotocore": lambda: asyncio.run(over(typed=False)),
        "ours over aiobotocore": lambda: asyncio.run(over(typed=True)),
        "ours over aiobotocore, its validation off": lambda: asyncio.run(over(typed=True, validation=False)),
    }


def instructions() -> None:
    """
    Instructions of a call, counted by cachegrind, which repeat whatever else the machine does.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("\nInstructions aren't counted: valgrind isn't installed.")
        return

    def count(kind: str, size: str, number: int) -> int:
        command = [valgrind, "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
        command += [sys.executable, __file__, "--repeat", kind, size, str(number)]
        ran = subprocess.run(
            command, check=True, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )
        found = re.search(r"I +refs: +([0-9,]+)", ran.stderr)
        if found is None:
            raise RuntimeError(ran.stderr)
        return int(found[1].replace(",", ""))

    def of_a_call(case: tuple[str, str]) -> float:
        return (count(*case, 20) - count(*case, 10)) / 10

    cases = [(kind, size) for kind in ("raw", "typed", "raw, warned", "typed, warned") for size in workloads()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # it waits for processes
        counted = dict(zip(cases, pool.map(of_a_call, cases), strict=True))
    rows = [
        [kind, *(f"{counted[kind, size] / counted[f'raw{kind[5:]}', size]:.2f}" for size in workloads())]
        for kind in ("typed", "typed, warned")
    ]
    table(["instructions, ratio to raw boto3", *workloads()], rows)


def repeat(kind: str, size: str, number: int) -> None:
    """
    Make one call so many times; cachegrind counts the process.
    """
    workload = workloads(warns=kind.endswith("warned"))[size]
    ready = [ibd.to_boto3(each) for each in workload()]
    session = canned_session([])
    if kind.startswith("raw"):
        client = session.client("imagebuilder")
        for _ in range(number):
            client.update_distribution_configuration(distributionConfigurationArn=ARN, distributions=ready)
    else:
        typed = ibd.DistributionConfigurationClient(session=session)
        for _ in range(number):
            typed.update_distribution_configuration(ARN, workload())


TOPICS = {"calls": calls, "starts": starts, "growth": growth, "concurrent": concurrent, "instructions": instructions}


def main(arguments: list[str]) -> None:
    """
    Run the topics that are named, or all of them.
    """
    if arguments[:1] == ["--repeat"]:
        _, kind, size, number = arguments
        repeat(kind, size, int(number))
        return
    print(f"Python {sys.version.split()[0]}, botocore {botocore.__version__}, attrs {attrs.__version__}")
    for name in arguments or TOPICS:
        TOPICS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
