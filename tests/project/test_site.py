"""
What can be told of the site from its sources: pages, links, names in the reference, and permissions.
"""

import importlib
import re
from collections.abc import Callable

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.testing import LocalImageBuilder, examples
from tests.pages import ROOT

DOCS = ROOT / "docs"
# The modules that users import from, apart from the test kit's own modules.
PUBLIC = ["", ".aio", ".changes", ".documents", ".errors", ".fleet", ".models", ".prerequisites", ".steps"]


def public_objects() -> dict[str, object]:
    """Every public name, once for each module that has it."""
    found: dict[str, object] = {}
    for suffix in [*PUBLIC, ".testing"]:
        module = importlib.import_module(f"imagebuilder_dist{suffix}")
        found |= {f"{module.__name__}.{name}": getattr(module, name) for name in module.__all__}
    return found


def test_every_public_name_is_in_the_reference() -> None:
    """
    Under one of its names is enough; Sphinx links the others to it.
    """
    text = "\n".join(page.read_text() for page in sorted(DOCS.glob("reference/*.md")))
    documented = re.findall(r"^\.\. (?:auto\w+|py:data):: (\S+?)(?:\(\))?$", text, re.MULTILINE)
    homes = [(importlib.import_module(name.rpartition(".")[0]), name.rpartition(".")[2]) for name in documented]
    shown = [getattr(module, name) for module, name in homes]

    missing = [name for name, value in public_objects().items() if not any(value is each for each in shown)]

    assert missing == []
    assert len(documented) == len(set(documented))


def share(client: ibd.DistributionConfigurationClient, *, dry_run: bool = False) -> None:
    client.edit_distribution_configuration(
        examples.ARN, lambda stored: steps.set_description(stored, "new"), dry_run=dry_run
    )


def ensure(client: ibd.DistributionConfigurationClient, *, dry_run: bool = False) -> list[ibd.Plan]:
    web = examples.complete(ibd.Distribution)
    return [
        client.ensure_distribution_configuration(name, [web], tags={"a": "b"}, dry_run=dry_run)
        for name in ("web", "another")
    ]


def apply(client: ibd.DistributionConfigurationClient) -> None:
    endpoint = LocalImageBuilder()  # what planning calls isn't what applying calls
    endpoint.put(client.get_distribution_configuration(examples.ARN))
    for plan in ensure(endpoint.client(), dry_run=True):
        client.apply(plan)


CALLS: dict[str, list[Callable[[ibd.DistributionConfigurationClient], object]]] = {
    "create_distribution_configuration": [
        lambda client: client.create_distribution_configuration("new", [examples.complete(ibd.Distribution)])
    ],
    "get_distribution_configuration": [lambda client: client.get_distribution_configuration(examples.ARN)],
    "update_distribution_configuration": [
        lambda client: client.update_distribution_configuration(examples.ARN, [examples.complete(ibd.Distribution)])
    ],
    "edit_distribution_configuration": [share, lambda client: share(client, dry_run=True)],
    "ensure_distribution_configuration": [ensure, lambda client: ensure(client, dry_run=True)],
    "apply": [apply],
    "find_distribution_configuration": [lambda client: client.find_distribution_configuration("web")],
    "delete_distribution_configuration": [lambda client: client.delete_distribution_configuration(examples.ARN)],
    "list_distribution_configurations": [lambda client: [*client.list_distribution_configurations()]],
    "tag_resource": [lambda client: client.tag_resource(examples.ARN, {"a": "b"})],
    "untag_resource": [lambda client: client.untag_resource(examples.ARN, ["a"])],
    "list_tags_for_resource": [lambda client: client.list_tags_for_resource(examples.ARN)],
}


def documented_actions() -> list[tuple[str, set[str]]]:
    """The client's rows, with the actions that need tags among the others."""
    section = (DOCS / "iam-permissions.md").read_text().partition("## For the client")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (`.+) \|$", section, re.MULTILINE)
    return [(name, set(re.findall(r"`(\w+)`", actions))) for name, actions in rows]


def test_every_method_is_documented_with_its_permissions() -> None:
    named = [name.strip("`") for name, _ in documented_actions() if not name.startswith("the same")]

    methods = {name for name in vars(ibd.DistributionConfigurationClient) if not name.startswith("_")}
    assert set(named) == CALLS.keys() == methods - {"close", "send"}


def test_a_method_calls_what_its_permissions_allow() -> None:
    """
    The service asks for TagResource if a create has tags, so a row may have more than what was called.
    """
    rows = iter(documented_actions())
    for name, calls in CALLS.items():
        for call in calls:
            local = LocalImageBuilder()
            local.put(attrs.evolve(examples.minimal(ibd.DistributionConfiguration), name="web", tags={"old": "tag"}))

            call(local.client())

            row, actions = next(rows)
            called = {request.operation for request in local.requests}
            assert called <= actions, (name, row)
            assert actions - called <= {"TagResource"}, (name, row)
