"""
Journals: what they record, how they resume a run, and which run they belong to.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

from imagebuilder_dist import steps
from imagebuilder_dist.fleet import EditJob, EnsureJob, Journal, Outcome, Target, run
from imagebuilder_dist.models import CreateDistributionConfigurationRequest

from . import work
from .work import ANY_PACE, WEB, Inline, faulty, made_up, names, token_of


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def journaled(job: Callable[[Target], Any], targets: list[Target], path: Path, **options: Any) -> list[Outcome[Any]]:
    return [*run(job, targets, executor=Inline(), journal=Journal(path), per_second=ANY_PACE, **options)]


def test_a_journal_has_each_target_that_is_done(tmp_path: Path, state: work.State) -> None:
    state.failing = {"web-1"}

    journaled(faulty, made_up(2), tmp_path / "journal", max_concurrency=1)

    head, *rest = lines(tmp_path / "journal")
    assert head["job"] == {"name": "tests.fleet.work.faulty"}
    assert rest == [{"done": made_up(1)[0].arn}]


def test_a_last_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    """
    It is dropped wherever the file was cut: it may be empty, or have only a part of its first line.
    """
    path = tmp_path / "journal"
    targets = made_up(2)
    journaled(token_of, targets, path, max_concurrency=1)
    whole = path.read_bytes()
    ends = [match.start() for match in re.finditer(b"\n", whole)]

    for length in {*range(0, len(whole), 9), *ends, *(end + 1 for end in ends[:-1])}:
        path.write_bytes(whole[:length])
        done = sum('"done"' in line for line in whole[:length].decode().splitlines(keepends=True) if line[-1] == "\n")
        again = journaled(token_of, targets, path)

        assert [each.earlier for each in again].count(True) == done
        assert names(again) == ["web-0", "web-1"]
        assert {each["done"] for each in lines(path) if "done" in each} == {target.arn for target in targets}


HEAD = b'{"journal": 2, "id": "68afc8d0-e7ab-4893-97d2-f621133915f5", "job": {"name": "tests.fleet.work.token_of"}}\n'


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize(
    "content",
    [
        b'{"name": "web"}',
        b"name: web\ndistributions: []",
        b"\x89PNG\r\n\x1a\n\x00\xff",
        pytest.param(b"[" * 100_000, id="nested"),
        b'{"journal": "of a garden"}\n',
        b'{"journal": 1, "function": "tests.fleet.work.token_of"}\n',
        HEAD.replace(b"68afc8d0", b"cut"),
        HEAD.replace(b'"68afc8d0-e7ab-4893-97d2-f621133915f5"', b"1"),
        HEAD.replace(b'"id"', b'"di"'),
        HEAD + b"[1]\n",
        HEAD + b'{"done": ["a"]}\n',
        HEAD + b'{"begun": "a"\n{"done": "a"}\n',
        HEAD + b"\xff\n",
        pytest.param(HEAD + b"[" * 100_000 + b"\n", id="nested later"),
    ],
)
def test_a_file_that_is_not_a_journal_or_damaged_is_rejected_and_left_alone(
    tmp_path: Path, content: bytes, end: bytes
) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content + end)

    with pytest.raises(ValueError, match=r"journal:\d+: not the journal of this job: "):
        journaled(token_of, made_up(1), path)

    assert path.read_bytes() == content + end


@attrs.frozen
class Adding:
    number: float
    to: object = ()

    def __call__(self, _: Target) -> float:
        return self.number

    def method(self, _: Target) -> None:
        pass

    @classmethod
    def of_class(cls, _: Target) -> None:
        pass


class More(Adding):
    """Isn't an attrs class, so the journal doesn't know its fields."""


@dataclass
class Subtracting:
    number: int

    def __call__(self, _: Target) -> int:
        return self.number


class Plain:
    def __call__(self, _: Target) -> None:
        pass


REQUEST = CreateDistributionConfigurationRequest(name="web 0", distributions=[WEB], tags={"a": "b"})
DISTINCT: list[Any] = [
    token_of,
    faulty,
    partial(Adding.method, Adding(1)),
    partial(Adding.method, Adding(2)),
    *(Adding(number) for number in (0, 1, 2.5, float("nan"))),
    *(Adding(1, to) for to in ([1], [[1]], "1", 1, True, None, {"1": 1}, {1: 1}, token_of, Adding, [Adding(1)])),
    Subtracting(1),
    Subtracting(2),
    EditJob(partial(steps.add_launch_permissions, user_ids=["111122223333"])),
    EditJob(partial(steps.add_launch_permissions, user_ids=["444455556666"])),
    EditJob(partial(steps.add_launch_permissions, user_ids=["444455556666"]), dry_run=True),
    EditJob(steps.add_launch_permissions),
    EnsureJob(REQUEST),
    EnsureJob(attrs.evolve(REQUEST, description="another")),
]


def test_a_journal_belongs_to_one_job_and_its_fields(tmp_path: Path) -> None:
    """
    An edit with other arguments is another job.
    """
    for number, job in enumerate(DISTINCT):
        journaled(job, [], tmp_path / f"{number}")
        before = (tmp_path / f"{number}").read_bytes()
        journaled(job, [], tmp_path / f"{number}")
        for other in DISTINCT:
            if other is not job:
                with pytest.raises(
                    ValueError, match=f"{number}:1: .* belongs to another job; resume with the same, or"
                ):
                    journaled(other, [], tmp_path / f"{number}")
        assert (tmp_path / f"{number}").read_bytes() == before


def decorated(function: Any) -> Any:
    def inner(target: Target) -> None:
        function(target)

    inner.__qualname__ = function.__qualname__
    return inner


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(lambda _: None, id="lambda"),
        pytest.param(partial(lambda _, __: None, 1), id="partial of a lambda"),
        EditJob(lambda stored: stored),
        decorated(token_of),
        Plain(),
        Plain().__call__,
        Adding(1).method,
        Adding.of_class,
        More(1),
        Adding(1, {1, 2}),
        Adding(1, b"x"),
        Adding(1, object()),
        [].append,
    ],
)
def test_a_job_that_a_journal_cannot_tell_from_others_is_rejected(tmp_path: Path, job: Any) -> None:
    """
    All lambdas of a module have the same name, and the state of most objects is unknown, so that a second one would
    find its targets done.
    """
    with pytest.raises(TypeError, match=r"a journal can't tell .* from others; a job is a function of a module, "):
        journaled(job, made_up(1), tmp_path / "journal")

    assert not (tmp_path / "journal").exists()


FULL_DISK = """
import resource, sys
from pathlib import Path
from imagebuilder_dist.fleet import Journal, run, summary
from tests.fleet.work import Inline, made_up, token_of

path = Path(sys.argv[1], "journal")
size, done = 0, 0
while done < 3:
    path.write_bytes(b"")
    journal = Journal(path)
    outcomes = run(token_of, made_up(3), executor=Inline(), journal=journal, per_second=1e6, max_concurrency=1)
    head = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (head + size, resource.RLIM_INFINITY))
    report = summary(outcomes)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    content = path.read_bytes()
    assert content.endswith(b"}\\n"), (size, content)
    done = content.count(b'"done"')
    assert sum(report.counts.values()) == 3, report
    assert report.counts["succeeded"] >= done, report
    assert report.counts["succeeded"] - done <= 1, report
    again = summary(run(token_of, made_up(3), executor=Inline(), journal=Journal(path), per_second=1e6))
    assert again.counts["done earlier"] == done, again
    size += 29
print(size, report)
"""


def test_a_full_disk_cuts_no_line_and_loses_no_outcome(tmp_path: Path) -> None:
    """
    A limit of the file's size stands for the disk's: a write takes a part of a line, and the next one fails.
    """
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=False)

    assert (done.stderr, done.returncode) == ("", 0)
    assert "3 targets: 3 succeeded" in done.stdout
