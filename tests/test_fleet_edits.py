"""
Finding the configurations of many accounts, changing them all, and what is told before and afterwards.
"""

import json
import math
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from botocore.httpsession import URLLib3Session

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import (
    FleetPlan,
    Outcome,
    Target,
    discover,
    edit_all,
    ensure_all,
    plan_all,
    run,
    summary,
)
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder

from .credential_server import CredentialServer
from .fleet_work import NEW, Inline, made_up, share, stored
from .shapes import ARN

ACCOUNTS = ["111122223333", "444455556666"]
REGIONS = ["us-west-2", "eu-west-1"]
ROLE = "arn:aws:iam::{}:role/fleet"
UPDATE = "UpdateDistributionConfiguration"
WEB = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration())


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[CredentialServer]:
    with CredentialServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        yield server


@pytest.fixture
def signed_with(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The access keys of the requests that were sent to Image Builder, in order."""
    keys: list[str] = []
    send: Any = URLLib3Session.send

    def note(self: Any, request: Any) -> Any:
        authorization = request.headers["Authorization"]
        text = authorization.decode() if isinstance(authorization, bytes) else authorization
        if "/imagebuilder/" in text:
            keys.append(text.partition("Credential=")[2].partition("/")[0])
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", note)
    return keys


def writes(local: LocalImageBuilder) -> list[str]:
    return [str(request.operation) for request in local.requests if request.applied]


# Targets


@pytest.mark.parametrize("arn", ["web", "arn:aws:ec2:us-west-2:111122223333:image/x", "arn:aws:imagebuilder:us-west-2"])
def test_a_target_needs_an_arn_of_image_builder(arn: str) -> None:
    with pytest.raises(ValueError, match=r"Target.arn must be the ARN of a distribution configuration, not 'a?"):
        Target(arn)


def test_a_target_of_another_type_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"Target.arn must be a str, not 1 \(int\)"):
        Target(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_targets_region_is_that_of_its_arn() -> None:
    assert Target(ARN).region_name == "us-west-2"
    assert Target(ARN, "us-west-2").account_id == "123456789012"
    with pytest.raises(ValueError, match=r"that of the ARN, us-west-2, not 'eu-west-1'"):
        Target(ARN, "eu-west-1")


def test_a_target_pickles_and_its_token_makes_no_difference() -> None:
    target = Target(ARN, role_arn=ROLE, profile="fleet", client_token="a token")

    copy = pickle.loads(pickle.dumps(target))  # noqa: S301 - our own

    assert copy == target == attrs.evolve(target, client_token=None)
    assert copy.client_token == "a token"


def test_targets_of_one_account_and_region_share_a_client() -> None:
    one, other = made_up(2, accounts=1)
    abroad = Target(one.arn.replace("us-west-2", "eu-west-1"))

    assert one.client() is other.client()
    assert one.client() is not abroad.client()
    assert one.client() is not Target(one.arn, role_arn=ROLE.format("111122223333")).client()
    assert one.client() is not one.client(retries=ibd.Retries(attempts=1))


def test_threads_that_want_a_client_at_once_share_it() -> None:
    (target,) = made_up(1)
    barrier = threading.Barrier(8)

    def client(_: int) -> object:
        barrier.wait(60)
        return target.client()

    with ThreadPoolExecutor(8) as threads:
        clients = [*threads.map(client, range(8))]

    assert len({*map(id, clients)}) == 1


def test_a_profile_that_is_not_there_is_a_configuration_error() -> None:
    with pytest.raises(ibd.ConfigurationError, match="nobody"):
        Target(ARN, profile="nobody").client()


def test_a_hook_of_the_callers_is_called_too(local: LocalImageBuilder) -> None:
    seen: list[ibd.Attempt] = []
    (target,) = stored(local, 1)

    def get(each: Target) -> object:
        client = each.client(retries=ibd.Retries(on_attempt=seen.append))
        return client.get_distribution_configuration(each.arn)

    outcomes = [*run(get, [target], executor=Inline())]
    target.client().get_distribution_configuration(target.arn)

    assert [outcome.attempts for outcome in outcomes] == [1]
    assert [attempt.operation for attempt in seen] == ["GetDistributionConfiguration"]


# Roles


def test_a_role_is_assumed_once_for_all_regions(
    local: LocalImageBuilder, sts: CredentialServer, signed_with: list[str]
) -> None:
    targets = stored(local, 2, regions=REGIONS, role_arn=ROLE.format("123456789012"))
    signed_with.clear()

    outcomes = [*edit_all(targets, share, executor=Inline(), per_second=math.inf)]

    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert sts.asked == ["AssumeRole"]
    assert sts.keys == ["OWN"]
    assert sts.regions == ["us-east-1"]
    assert {*signed_with} == {"ASSUMEROLE"}


@pytest.mark.parametrize(
    ("role", "region"),
    [
        ("arn:aws-cn:iam::123456789012:role/fleet", "cn-north-1"),
        ("arn:aws-us-gov:iam::123456789012:role/fleet", "us-gov-west-1"),
    ],
)
def test_a_role_is_assumed_in_its_partition(
    local: LocalImageBuilder, sts: CredentialServer, role: str, region: str
) -> None:
    (target,) = stored(local, 1, role_arn=role)

    target.client().get_distribution_configuration(target.arn)

    assert sts.regions == [region]


def test_a_role_is_assumed_in_the_callers_region(
    local: LocalImageBuilder, sts: CredentialServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    (target,) = stored(local, 1, role_arn=ROLE.format("123456789012"), external_id="a secret of two")

    target.client().get_distribution_configuration(target.arn)

    assert sts.regions == ["eu-west-2"]
    assert sts.forms[0]["ExternalId"] == ["a secret of two"]
    assert sts.forms[0]["RoleSessionName"] == ["imagebuilder_dist"]


def test_a_role_that_is_denied_is_its_targets_error(local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = stored(local, 1)
    denied = [attrs.evolve(allowed[0], role_arn=ROLE.format("123456789012"))]

    with CredentialServer([]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        outcomes = [*edit_all([*denied, *allowed], share, executor=Inline())]

    assert [type(outcome.error) for outcome in outcomes] == [ibd.CredentialsError, type(None)]


def test_without_credentials_of_its_own_nobody_assumes_a_role(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (target,) = stored(local, 1, role_arn=ROLE.format("123456789012"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(ibd.CredentialsError):
        target.client().get_distribution_configuration(target.arn)


# Discovery


def test_the_configurations_of_all_accounts_and_regions_are_found_and_mixed(
    local: LocalImageBuilder, sts: CredentialServer
) -> None:
    stored(local, 30, regions=REGIONS)
    role = ROLE.format("123456789012")

    found = discover([role, None], REGIONS, executor=Inline(), endpoint_url=local.url, external_id="of two")

    assert len(found.targets) == 120
    assert not found.errors
    assert str(found) == "120 configurations"
    assert [(each.role_arn, each.external_id, each.region_name) for each in found.targets[:4]] == [
        (role, "of two", "us-west-2"),
        (role, "of two", "eu-west-1"),
        (None, None, "us-west-2"),
        (None, None, "eu-west-1"),
    ]
    assert {each.endpoint_url for each in found.targets} == {local.url}
    assert sts.asked == ["AssumeRole"]


def test_only_configurations_of_a_name_are_found(local: LocalImageBuilder) -> None:
    targets = stored(local, 3, regions=REGIONS)

    found = discover([None], REGIONS, executor=Inline(), endpoint_url=local.url, name="web 1")

    assert {*found.targets} == {targets[1], targets[4]}


def test_what_cannot_be_listed_is_told(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile team]\naws_access_key_id = TEAM\naws_secret_access_key = a secret\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    stored(local, 1)

    found = discover(["team", "nobody"], iter(["us-west-2"]), executor=Inline(), endpoint_url=local.url)

    assert [each.profile for each in found.targets] == ["team"]
    assert {key: type(error) for key, error in found.errors.items()} == {
        ("nobody", "us-west-2"): ibd.ConfigurationError
    }
    assert str(found).startswith("1 configuration; not listed: nobody in us-west-2: ")
    assert repr(found) == "<Discovery: 1 configuration, 1 error>"


def test_the_callers_own_account_that_cannot_be_listed_is_told(local: LocalImageBuilder) -> None:
    local.inject(AnswerError("AccessDeniedException"))

    found = discover([None], ["us-west-2"], executor=Inline(), endpoint_url=local.url)

    assert str(found).startswith("0 configurations; not listed: own account in us-west-2: ")


# Plans


def planned(local: LocalImageBuilder, targets: list[Target], change: Any = share) -> FleetPlan:
    return plan_all(edit_all(targets, change, executor=Inline(), per_second=math.inf, dry_run=True))


def test_a_plan_tells_a_change_once_however_many_configurations_have_it(local: LocalImageBuilder) -> None:
    targets = stored(local, 3, regions=REGIONS)

    plan = planned(local, targets)

    assert str(plan) == (
        "6 configurations would change, 0 would stay the same\n"
        f"+ distributions[us-west-2].amiDistributionConfiguration.launchPermission.userIds (widens access): {NEW}"
        "  (6 configurations)"
    )
    assert plan.widens_access
    assert plan.changes[0].arns == tuple(target.arn for target in targets)
    assert repr(plan) == "<FleetPlan: 6 configurations would change, 0 would stay the same>"
    assert repr(plan.changes[0]).startswith("<CommonChange: + distributions[us-west-2].")
    assert not writes(local)[6:]


def describe_by_name(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    """Change all in the same way, and web 0 in another way, too; not web 1."""
    if stored.name == "web 1":
        return stored
    distributions = [*stored.distributions]
    if stored.name == "web 0":
        distributions.append(ibd.Distribution(region="eu-west-1", license_configuration_arns=[LICENCE]))
    return attrs.evolve(stored, description="New", distributions=distributions)


LICENCE = "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-" + "a" * 32


def test_what_is_not_the_same_is_told_by_itself(local: LocalImageBuilder) -> None:
    plan = planned(local, stored(local, 4), describe_by_name)

    assert str(plan).splitlines() == [
        "3 configurations would change, 1 would stay the same",
        "+ description: 'New'  (3 configurations)",
        "+ distributions[eu-west-1]  (1 configuration)",
        f"+   licenseConfigurationArns: {LICENCE}",
    ]
    assert not plan.widens_access


def test_one_change_in_several_regions_is_one_line(local: LocalImageBuilder, boto3_client: Any) -> None:
    distributions = [
        {"region": region, "amiDistributionConfiguration": {"description": "x"}} for region in (*REGIONS, "us-east-1")
    ]
    created = boto3_client.create_distribution_configuration(name="three", distributions=distributions)
    targets = [*stored(local, 1), Target(created["distributionConfigurationArn"], endpoint_url=local.url)]

    plan = planned(local, targets)

    assert str(plan).splitlines()[1:] == [
        "+ distributions[us-west-2, eu-west-1, us-east-1].amiDistributionConfiguration.launchPermission.userIds "
        f"(widens access): {NEW}  (2 configurations)"
    ]


def test_a_plan_says_what_could_not_be_planned(local: LocalImageBuilder) -> None:
    missing = Target(ARN, endpoint_url=local.url)

    plan = planned(local, [missing, *stored(local, 1)])

    head, told, cause, change = str(plan).splitlines()
    assert head == "1 configuration would change, 0 would stay the same"
    assert told == "1 of 2 targets succeeded, 1 failed"
    assert cause.startswith("ResourceNotFoundException in GetDistributionConfiguration: 1 target")
    assert change.startswith("+ distributions")
    assert plan.to_markdown().splitlines()[:3] == [f"**{head}**", "", f"**{told}**"]


def test_a_long_plan_is_cut_and_what_widens_access_comes_first(local: LocalImageBuilder) -> None:
    def by_name(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
        changed = attrs.evolve(stored, description=f"of {stored.name}")
        return share(changed) if stored.name == "web 44" else changed

    plan = planned(local, stored(local, 45), by_name)

    lines = str(plan).splitlines()
    assert "(widens access)" in lines[1]
    assert len(lines) == 42
    assert lines[-1] == "  ... 6 more changes"
    assert len(plan.changes) == 46


def test_a_plan_in_markdown_has_a_diffs_colours(local: LocalImageBuilder) -> None:
    plan = planned(local, stored(local, 2), describe_again)

    assert plan.to_markdown().splitlines() == [
        "**2 configurations would change, 0 would stay the same**",
        "",
        "```diff",
        "! distributions[us-west-2].amiDistributionConfiguration.description: 'anything' -> 'another'  "
        "(2 configurations)",
        "```",
    ]
    assert planned(local, []).to_markdown() == "**0 configurations would change, 0 would stay the same**"


def describe_again(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    ami = ibd.AmiDistributionConfiguration(description="another")
    return attrs.evolve(
        stored, distributions=[ibd.Distribution(region="us-west-2", ami_distribution_configuration=ami)]
    )


def test_a_plan_in_json_has_everything(local: LocalImageBuilder) -> None:
    targets = stored(local, 2)

    document = json.loads(planned(local, targets).to_json())

    path = "distributions[us-west-2].amiDistributionConfiguration.launchPermission"
    (change,) = document.pop("changes")
    assert change.pop("text").startswith(f"+ {path}")
    assert change.pop("paths") == [path]
    assert change == {"widensAccess": True, "arns": [target.arn for target in targets]}
    assert document.pop("summary")["succeeded"] == 2
    assert document == {"version": 1, "changed": 2, "created": 0}


# Edits and ensures


def test_an_edit_writes_what_differs_and_nothing_the_second_time(local: LocalImageBuilder) -> None:
    targets = stored(local, 3)

    first, second = ([*edit_all(targets, share, executor=Inline(), per_second=math.inf)] for _ in range(2))

    assert all(each.result and each.result.result for each in first)
    assert all(each.result and not each.result.changes for each in second)
    assert writes(local)[3:] == [UPDATE] * 3


REQUEST = ibd.CreateDistributionConfigurationRequest(name="web 0", distributions=[WEB], description="Web")


def test_an_ensure_creates_or_updates_in_every_account_and_region(local: LocalImageBuilder) -> None:
    (there,) = stored(local, 1)
    abroad = Target(there.arn.replace("us-west-2", "eu-west-1"), endpoint_url=local.url)

    plan = plan_all(ensure_all([there, abroad], REQUEST, executor=Inline(), dry_run=True))
    done = [*ensure_all([there, abroad], REQUEST, executor=Inline())]

    assert str(plan).startswith("2 configurations would change (1 would be created), 0 would stay the same\n")
    assert [each.result and each.result.created for each in done] == [False, True]
    assert writes(local)[1:] == [UPDATE, "CreateDistributionConfiguration"]


def test_an_ensure_keeps_tags_unless_it_has_some(local: LocalImageBuilder) -> None:
    (target,) = stored(local, 1)
    client = target.client()
    client.tag_resource(target.arn, {"team": "web"})

    list(ensure_all([target], REQUEST, executor=Inline()))
    kept = client.list_tags_for_resource(target.arn).tags
    list(ensure_all([target], attrs.evolve(REQUEST, tags={"team": "new"}), executor=Inline()))

    assert kept == {"team": "web"}
    assert client.list_tags_for_resource(target.arn).tags == {"team": "new"}


def test_an_ensure_of_another_name_is_its_targets_error(local: LocalImageBuilder) -> None:
    (outcome,) = ensure_all([Target(ARN, endpoint_url=local.url)], REQUEST, executor=Inline())

    assert str(outcome.error) == (f"the name 'web 0' makes the ARN {ARN[:-1]}web-0, not the target's {ARN}")
    assert not local.requests


def test_what_is_no_request_is_rejected() -> None:
    with pytest.raises(TypeError, match="request must be a CreateDistributionConfigurationRequest, not 'web' "):
        ensure_all([], "web", executor=Inline())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# Summaries


def failing(target: Target) -> str:
    number = int(target.arn.rpartition("-")[2])
    if number < 4:
        response = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        raise ibd.AccessDeniedException(response, UPDATE)
    if number == 4:
        raise LookupError
    return target.arn


def test_a_summary_groups_errors_by_cause_with_the_accounts() -> None:
    targets = made_up(10, accounts=2)

    told = summary(run(failing, targets, executor=Inline(), per_second=math.inf))

    assert str(told) == (
        "5 of 10 targets succeeded, 5 failed\n"
        "AccessDeniedException in UpdateDistributionConfiguration: 4 targets "
        "(by account: 000000000000: 2, 000000000001: 2); "
        f"{ibd.AccessDeniedException.remedy}\n"
        "LookupError: 1 target (by account: 000000000000: 1)"
    )
    assert {*told.again} == {*targets[:5]}


def outcomes_not_begun() -> list[Outcome[str]]:
    good, bad, late = made_up(3)
    return [
        Outcome(target=good, result="done"),
        Outcome(target=bad, error=LookupError()),
        Outcome(target=late, error=CancelledError()),
    ]


def test_a_summary_tells_what_was_not_begun() -> None:
    told = summary(outcomes_not_begun())

    assert str(told).splitlines()[0] == "1 of 3 targets succeeded, 1 failed, 1 not begun"
    assert told.again == (made_up(3)[1], made_up(3)[2])


def test_a_summary_in_markdown_is_a_table() -> None:
    assert summary(outcomes_not_begun()).to_markdown().splitlines() == [
        "**1 of 3 targets succeeded, 1 failed, 1 not begun**",
        "",
        "| error | operation | targets | accounts | what to do |",
        "|---|---|---:|---|---|",
        "| LookupError |  | 1 | 000000000001 |  |",
    ]
    assert summary([]).to_markdown() == "**0 of 0 targets succeeded**"


def test_a_summary_in_json_has_everything() -> None:
    good, bad, late = (target.arn for target in made_up(3))

    assert json.loads(summary(outcomes_not_begun()).to_json()) == {
        "version": 1,
        "succeeded": 1,
        "failed": 1,
        "notBegun": [late],
        "causes": [
            {
                "error": "LookupError",
                "operation": None,
                "remedy": None,
                "accounts": {"000000000001": 1},
                "arns": [bad],
            }
        ],
    }
    assert good


def test_many_accounts_are_cut() -> None:
    told = summary(Outcome[None](target=target, error=LookupError()) for target in made_up(7))

    assert str(told).endswith("000000000004: 1, ... 2 more)")
