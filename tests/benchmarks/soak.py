"""
10,000 mixed operations from 16 threads, a fifth of all requests struck by a fault, held against a model of what
should be there: `python -m tests.benchmarks.soak`.

Half of the threads' work is on configurations of their own, whose content they know; the other half are edits of
configurations that all share, each of which adds an account of its own.
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import attrs
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.testing import (
    AnswerError,
    AnswerNotJson,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    Fault,
    LocalImageBuilder,
    TruncateBody,
)

THREADS = 16
SHARED = 4
# Unknown members aren't among them: an edit would refuse to lose them, which is right, and the end of it.
FAULTS: tuple[Fault, ...] = (
    AnswerError("CallRateLimitExceededException"),
    AnswerError("TooManyRequestsException"),
    AnswerError("ServiceException"),
    AnswerError("ServiceUnavailableException"),
    Delay(0.001),
    CloseBeforeReading(),
    CloseAfterApplying(),
    TruncateBody(),
    TruncateBody(0),
    AnswerNotJson(),
)
T = TypeVar("T")


class Tally:
    """What happened, counted by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.operations: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.untyped: list[BaseException] = []

    def did(self, operation: str) -> None:
        """Count an operation."""
        with self._lock:
            self.operations[operation] += 1

    def failed(self, error: ibd.ImageBuilderDistError) -> None:
        """Count an error that came after the last attempt."""
        with self._lock:
            self.errors[type(error).__name__] += 1


class Worker:
    """
    One thread's work, and what it knows must be there.
    """

    def __init__(
        self, number: int, client: ibd.DistributionConfigurationClient, shared: list[str], tally: Tally
    ) -> None:
        self.number = number
        self.client = client
        self.shared = shared
        self.tally = tally
        self.random = random.Random(number)  # noqa: S311 - to be repeated, not secret
        self.own: dict[str, ibd.DistributionConfiguration] = {}
        self.added: dict[str, set[str]] = {arn: set() for arn in shared}
        self.tokens: list[str] = []
        self.made = 0

    def run(self, count: int) -> None:
        """Do *count* operations."""
        actions = [self.create, self.update, self.update, self.get, self.list, self.tag, self.untag, self.delete]
        for _ in range(count):
            action = self.random.choice([*actions, self.edit, self.edit])
            if action not in {self.create, self.edit} and not self.own:
                action = self.create
            self.tally.did(action.__name__)
            try:
                action()
            except Exception as error:  # noqa: BLE001 - that there is none is what is tried
                self.tally.untyped.append(error)

    def until_sure(self, call: Callable[[], T], *, unless: type[ibd.ImageBuilderDistError] | None = None) -> T | None:
        """Call until it succeeds; *unless* is the error that means that an attempt without an answer had succeeded."""
        doubtful = False
        while True:
            try:
                return call()
            except ibd.ImageBuilderDistError as error:
                if unless is not None and isinstance(error, unless) and (doubtful or error.may_have_been_applied):
                    return None
                if not isinstance(error, ibd.TransportError | ibd.ResponseError) and not _temporary(error):
                    raise
                doubtful = doubtful or error.may_have_been_applied
                self.tally.failed(error)

    def write(self, call: Callable[[str], Any]) -> Any:
        """Make one write, with one token however often it takes."""
        token = f"{self.number}-{len(self.tokens)}"
        self.tokens.append(token)
        return self.until_sure(lambda: call(token))

    def content(self) -> tuple[str, list[ibd.Distribution]]:
        """Make up what to store."""
        mark = f"{self.number} {self.random.random()}"
        return mark, [
            ibd.Distribution(
                region=region, ami_distribution_configuration=ibd.AmiDistributionConfiguration(description=mark)
            )
            for region in self.random.sample(["us-west-2", "eu-west-1", "ap-south-1"], 2)
        ]

    def one(self) -> str:
        """Choose one of our own configurations."""
        return self.random.choice([*self.own])

    def create(self) -> None:
        """Create another configuration."""
        self.made += 1
        name = f"web {self.number} {self.made}"
        description, distributions = self.content()
        result = self.write(
            lambda token: self.client.create_distribution_configuration(
                name, distributions, description=description, client_token=token
            )
        )
        arn = result.distribution_configuration_arn
        self.own[arn] = ibd.DistributionConfiguration(
            arn=arn, name=name, description=description, distributions=distributions
        )

    def update(self) -> None:
        """Replace one."""
        arn = self.one()
        description, distributions = self.content()
        self.write(
            lambda token: self.client.update_distribution_configuration(
                arn, distributions, description=description, client_token=token
            )
        )
        self.own[arn] = attrs.evolve(self.own[arn], description=description, distributions=distributions)

    def get(self) -> None:
        """Read one, and hold it against what it must be."""
        arn = self.one()
        stored = self.until_sure(lambda: self.client.get_distribution_configuration(arn))
        if stored is None or known(stored) != known(self.own[arn]):
            raise AssertionError(f"{arn} is {stored}, not {self.own[arn]}")

    def list(self) -> None:
        """Find one by its name."""
        arn = self.one()
        name = self.own[arn].name
        found = self.until_sure(lambda: [*self.client.list_distribution_configurations(name=name)])
        if found is None or [each.arn for each in found] != [arn]:
            raise AssertionError(f"{name} is {found}, not {arn}")

    def tag(self) -> None:
        """Set a tag on one."""
        arn, tags = self.one(), {self.random.choice("abc"): str(self.random.random())}
        self.until_sure(lambda: self.client.tag_resource(arn, tags))
        self.own[arn] = attrs.evolve(self.own[arn], tags={**self.own[arn].tags, **tags})

    def untag(self) -> None:
        """Remove a tag from one."""
        arn, key = self.one(), self.random.choice("abc")
        self.until_sure(lambda: self.client.untag_resource(arn, [key]))
        left = {name: value for name, value in self.own[arn].tags.items() if name != key}
        self.own[arn] = attrs.evolve(self.own[arn], tags=left)

    def delete(self) -> None:
        """Delete one."""
        arn = self.one()
        self.until_sure(
            lambda: self.client.delete_distribution_configuration(arn), unless=ibd.ResourceNotFoundException
        )
        del self.own[arn]

    def edit(self) -> None:
        """Add an account that nobody else adds to a configuration that all edit."""
        arn = self.random.choice(self.shared)
        account = f"{self.number:04}{len(self.added[arn]):08}"
        self.until_sure(
            lambda: self.client.edit_distribution_configuration(
                arn, lambda stored: steps.share_with(stored, user_ids=[account]), attempts=100 * THREADS
            )
        )
        self.added[arn].add(account)


def _temporary(error: ibd.ImageBuilderDistError) -> bool:
    return isinstance(error, ibd.ApiError) and error.retryable


def known(configuration: ibd.DistributionConfiguration) -> tuple[object, ...]:
    """Give what a worker knows of a configuration."""
    return configuration.name, configuration.description, configuration.distributions, configuration.tags


def soak(count: int, rate: float, seed: int) -> list[str]:
    """
    Do *count* operations and return what is wrong afterwards.
    """
    tally = Tally()
    local = LocalImageBuilder(max_requests=100 * count)
    with local:
        config = Config(max_pool_connections=THREADS, retries={"mode": "standard"})
        client = ibd.DistributionConfigurationClient(
            local.boto3_client(config=config), retries=ibd.Retries(sleep=lambda _: None)
        )
        base = [ibd.Distribution(region="us-west-2", license_configuration_arns=[LICENCE])]
        shared = [
            str(client.create_distribution_configuration(f"all {nth}", base).distribution_configuration_arn)
            for nth in range(SHARED)
        ]
        local.inject_randomly(*FAULTS, rate=rate, seed=seed)
        workers = [Worker(number, client, shared, tally) for number in range(THREADS)]
        start = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda worker: worker.run(count // THREADS), workers))
        seconds = time.perf_counter() - start
        local.clear_faults()
        wrong = [f"untyped: {error!r}" for error in tally.untyped] + differences(client, workers, shared)
    applied = Counter(request.client_token for request in local.requests if request.applied and request.client_token)
    wrong += [f"{token} was applied {times} times" for token, times in applied.items() if times != 1]
    wrong += [f"{token} was not applied" for worker in workers for token in worker.tokens if token not in applied]
    print(f"{sum(tally.operations.values())} operations in {seconds:.0f} s: {dict(sorted(tally.operations.items()))}")
    print(
        f"{len(local.requests)} requests received; errors after the last attempt: {dict(sorted(tally.errors.items()))}"
    )
    return wrong


def differences(client: ibd.DistributionConfigurationClient, workers: list[Worker], shared: list[str]) -> list[str]:
    """
    Hold what is stored against what the workers know.
    """
    own = {arn: configuration for worker in workers for arn, configuration in worker.own.items()}
    stored = {str(each.arn) for each in client.list_distribution_configurations()}
    wrong = [f"{arn} is there or not, wrongly" for arn in stored ^ {*own, *shared}]
    for arn in stored & own.keys():
        configuration = client.get_distribution_configuration(arn)
        if known(configuration) != known(own[arn]):
            wrong.append(f"{arn} is {configuration}, not {own[arn]}")
    for arn in shared:
        ami = client.get_distribution_configuration(arn).distributions[0].ami_distribution_configuration
        permission = ami.launch_permission if ami else None
        accounts = (permission.user_ids if permission else None) or ()
        added = {account for worker in workers for account in worker.added[arn]}
        if sorted(accounts) != sorted(added):
            wrong.append(f"{arn} is shared with {len(accounts)} accounts, not {len(added)}")
    return wrong


LICENCE = "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-" + "a" * 32


def main() -> int:
    """
    Soak, say how it went, and return the exit status.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wrong = soak(options.count, options.rate, options.seed)
    print("\n".join(wrong) or "nothing lost, nothing doubled, nothing untyped")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
