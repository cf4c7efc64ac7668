"""
The results of all writes have the warnings.
"""

from typing import Any

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import WEB


def test_warnings_are_on_every_result(session: Any, local: LocalImageBuilder) -> None:
    public = attrs.evolve(
        WEB,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            launch_permission=ibd.LaunchPermissionConfiguration(user_groups=["all"])
        ),
    )
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    created = client.create_distribution_configuration("web", [public])
    arn = created.distribution_configuration_arn
    results: list[Any] = [
        created,
        client.update_distribution_configuration(arn, [public]),
        client.ensure_distribution_configuration("third", [public], dry_run=True),
        client.ensure_distribution_configuration("third", [public]),
        client.ensure_distribution_configuration("third", [public]),
        client.ensure_distribution_configuration("third", [public], dry_run=True),
    ]
    client.update_distribution_configuration(arn, [WEB])
    results += [
        client.edit_distribution_configuration(
            arn, lambda stored: attrs.evolve(stored, distributions=[public]), dry_run=dry
        )
        for dry in (True, False)
    ]

    assert [[issue.rule for issue in each.warnings] for each in results] == [["public-ami"]] * 8
    assert {issue.severity for each in results for issue in each.warnings} == {"warning"}


def test_an_edit_has_the_warnings_of_what_it_brings_in(session: Any, local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)
    odd = ibd.Distribution(region="us-wets-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration())
    arn = client.create_distribution_configuration("web", [odd]).distribution_configuration_arn

    edit = client.edit_distribution_configuration(arn, lambda stored: attrs.evolve(stored, description="new"))

    assert edit.warnings == ()
