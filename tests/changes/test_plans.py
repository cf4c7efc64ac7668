"""
Plans as values and as text.
"""

import pickle

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import Plan, diff
from tests.samples import ARN, EUROPE, WEB

STORED = ibd.DistributionConfiguration(arn=ARN, name="web", distributions=[EUROPE], tags={"a": "b"})
WANTED = attrs.evolve(STORED, distributions=[EUROPE, WEB])
REQUEST = ibd.CreateDistributionConfigurationRequest(name="web`", distributions=[EUROPE])
WARNING = ibd.Issue(("distributions", 1, "region"), "region-unknown", "warning", "isn't known", "us-west-2")
EDIT = Plan(before=STORED, after=WANTED, changes=diff(STORED, WANTED), warnings=(WARNING,), client_token="t")
CREATE = Plan(before=None, after=REQUEST, changes=diff([], REQUEST))
CREATED = attrs.evolve(
    CREATE, result=ibd.CreateDistributionConfigurationResult(distribution_configuration_arn=ARN), written=True
)


@pytest.mark.parametrize(
    ("plan", "arn", "name", "created"),
    [(EDIT, ARN, "web", False), (CREATE, None, "web`", True), (CREATED, ARN, "web`", True)],
)
def test_a_plan_says_what_it_is_for_survives_pickle_and_hashes(
    plan: Plan, arn: str | None, name: str, *, created: bool
) -> None:
    copy = pickle.loads(pickle.dumps(plan))  # noqa: S301 - our own

    assert (copy, hash(copy)) == (plan, hash(plan))
    assert (copy.distribution_configuration_arn, copy.name, copy.created) == (arn, name, created)


def test_a_plan_reads_like_its_changes_with_warnings() -> None:
    assert str(EDIT).splitlines() == [
        f"{ARN}:",
        "1 Region is added",
        "+ distributions[us-west-2]",
        "+   amiDistributionConfiguration.description: 'd'",
        "distributions[1].region: isn't known (warning)",
    ]
    warning = "```\ndistributions[1].region: isn't known (warning)\n```"
    assert EDIT.to_markdown() == f"`{ARN}`:\n\n{EDIT.changes.to_markdown()}\n\n{warning}"


def test_no_name_ends_the_code_in_markdown() -> None:
    assert CREATE.to_markdown().startswith("`'web'' (new)`:\n\n**1 Region is added**")


def test_notebooks_show_markdown() -> None:
    assert EDIT._repr_markdown_() == EDIT.to_markdown()
    assert EDIT.changes._repr_markdown_() == EDIT.changes.to_markdown()


def test_reprs_are_short() -> None:
    assert repr(EDIT.changes) == "<Changes: 1 Region is added>"
    assert repr(EDIT) == f"<Plan of {ARN}: 1 Region is added (not written)>"
    assert repr(CREATE) == "<Plan of 'web`' (new): 1 Region is added (not written)>"
    assert repr(CREATED) == f"<Plan of {ARN} (new): 1 Region is added (written)>"
    forged = attrs.evolve(EDIT, after=attrs.evolve(WANTED, arn=f"{ARN}\n"))
    assert repr(forged) == f"<Plan of '{ARN}\\n': 1 Region is added (not written)>"
