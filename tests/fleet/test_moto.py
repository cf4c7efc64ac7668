"""
A fleet whose roles moto's STS knows; moto doesn't have Image Builder.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from moto import mock_aws

from imagebuilder_dist.fleet import EditJob, discover, run, summary
from imagebuilder_dist.testing import LocalImageBuilder

from .work import ANY_PACE, REGIONS, ROLE, applied, once, seed, share

pytestmark = pytest.mark.xdist_group("moto")  # which takes a worker ten seconds to set up


def test_a_fleet_over_two_accounts_finds_them_by_the_keys_of_motos_sts(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_IMAGEBUILDER", local.url)
    monkeypatch.delenv("AWS_ENDPOINT_URL_STS")
    accounts = ["111122223333", "444455556666"]
    stored = [seed(local, account, region, "web").arn for account in accounts for region in REGIONS]

    with mock_aws():
        found = discover([ROLE.format(each) for each in accounts], REGIONS, executor=threads)
        plan, report, again = (
            summary(run(job, found.targets, executor=threads, per_second=ANY_PACE))
            for job in (EditJob(share, dry_run=True), EditJob(share), EditJob(share, dry_run=True))
        )

    assert (found.errors, sorted(each.arn for each in found.targets)) == ({}, sorted(stored))
    assert (plan.counts, report.counts, again.counts) == ({"would be changed": 4}, {"changed": 4}, {"unchanged": 4})
    assert applied(local) == once(found.targets)
    assert {request.service for request in local.requests} == {"imagebuilder"}
