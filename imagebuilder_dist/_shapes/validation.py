"""
Local validation: every problem of a configuration at once, before anything is sent.

An error is what the service rejects; a warning is what it stores, but what then breaks or surprises in the build.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias, cast
from weakref import WeakValueDictionary

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.arns import account_of_arn, split_arn
from imagebuilder_dist._common.attributes import check_type, is_list, is_mapping
from imagebuilder_dist._common.text import Location, show
from imagebuilder_dist._shapes.converter import class_of, structure, to_boto3
from imagebuilder_dist._shapes.rules import RULES, Rule, Subject, Whole
from imagebuilder_dist._shapes.walk import UNREADABLE, Structure, encoding_problem, shape_of
from imagebuilder_dist.errors import Issue
from imagebuilder_dist.models import RESULTS


def validate(configuration: models.Configuration, *, owner: str | None = None) -> tuple[Issue, ...]:
    """
    Return every problem of *configuration* in document order; an empty tuple if there are none.

    Neither this function nor the service checks whether accounts, templates, keys or repositories exist.

    Args:
        configuration: A request, a stored configuration, one `Distribution`, or a list of them.
        owner: The account that owns the configuration, as 12 digits; a few rules depend on it.
            If omitted, it is taken from the configuration's ARN.
            A create and distributions alone don't contain it.
            `ssm-account` then finds nothing, `fast-launch-cross-account` needs several target accounts to find
            something, and `kms-default-shared` says that a single account may be the owner's.

    Raises:
        TypeError:
            If *configuration* isn't one of these, or *owner* isn't a string.
        ValueError:
            If *owner* isn't an account id.
    """
    if owner is None and is_known_to_be_valid(configuration):
        return ()
    distributions = models.distributions_of(configuration)
    if isinstance(configuration, models.WHOLE):
        return judge(to_boto3(configuration), class_of(configuration), owner=owner, distributions=distributions)
    document = {"name": "distributions alone", "distributions": [to_boto3(each) for each in distributions]}
    cls = models.CreateDistributionConfigurationRequest
    issues = judge(document, cls, owner=owner, distributions=distributions)
    if not isinstance(configuration, models.Distribution):
        return issues
    return tuple(attrs.evolve(each, location=each.location[len(("distributions", 0)) :]) for each in issues)


# By id, because a hash takes longer than validation. What is in it can't change.
_valid: WeakValueDictionary[int, object] = WeakValueDictionary()


def remember_as_valid(configuration: object) -> None:
    """
    Spare a *configuration* that was judged as a document, without any issue, from being judged when it is sent.
    """
    _valid[id(configuration)] = configuration


def is_known_to_be_valid(configuration: object) -> bool:
    """
    Tell whether a *configuration* was judged before, and nothing was wrong with it.
    """
    return id(configuration) in _valid


def judge(
    document: object,
    cls: type,
    *,
    owner: str | None = None,
    distributions: Sequence[models.Distribution | None] | None = None,
) -> tuple[Issue, ...]:
    """
    Return every problem of *document*, a *cls* in the API's names, in document order.

    Rules look at every distribution that can be read, without the members that can't.

    Args:
        document: Plain data: dicts, lists, strings, integers and booleans.
        cls: A request's class or `DistributionConfiguration`, which is read leniently.
        owner: As for `validate`.
        distributions: Those that *document* was converted from, if it was.
    """
    if owner is not None:
        check_account_id("owner", owner)
    found = [*shape_of(cls).walk(document, ())]
    if not is_mapping(document):
        return tuple(found)
    listed = document.get("distributions", [] if cls in RESULTS else None)
    if not is_list(listed):
        return tuple(found)
    gaps: dict[object, list[Location]] = {}
    for issue in found:
        if issue.rule in UNREADABLE and issue.location[0] == "distributions":
            gaps.setdefault(issue.location[1], []).append(issue.location[2:])
    if distributions is None:
        distributions = [_readable(each, gaps.get(nth, [])) for nth, each in enumerate(listed)]
    arn = document.get("distributionConfigurationArn", document.get("arn"))
    arn = arn if isinstance(arn, str) else ""
    whole = Whole(distributions, split_arn(arn), owner or account_of_arn(arn))
    broken = _broken_rules(whole, gaps)
    if not found and not broken:
        return ()
    locate = _locator(document)
    placed = [(locate(issue.location)[0], issue) for issue in found]
    for rule, location, message in broken:
        position, value = locate(location)
        placed.append((position, Issue(location, rule.id, rule.severity, message, value)))
    placed.sort(key=itemgetter(0))
    return tuple([issue for _, issue in placed])


_Finding: TypeAlias = tuple[Rule, Location, str | Callable[[], str]]


def _broken_rules(whole: Whole, gaps: Collection[object]) -> list[_Finding]:
    """Return the rules that a configuration breaks, where, and the messages; some of its distributions have *gaps*."""
    found: list[_Finding] = []
    _run(RULES[None], whole, (), found, has_gaps=bool(gaps))
    for index, distribution in enumerate(whole.distributions):
        if distribution is None:
            continue
        subject, at, has_gaps = Subject(distribution, whole.owner), ("distributions", index), index in gaps
        # Most rules are about a member that most distributions lack, so they are skipped by the member.
        for attribute, rules in RULES.items():
            if attribute is not None and getattr(distribution, attribute):
                _run(rules, subject, at, found, has_gaps=has_gaps)
    return found


# Not a generator: most find nothing, and a generator takes longer than that.
def _run(rules: list[Rule], subject: Whole | Subject, at: Location, found: list[_Finding], *, has_gaps: bool) -> None:
    for rule in rules:
        if not (has_gaps and rule.needs_all):
            for location, message in rule.find(subject):
                found.append((rule, (*at, *location), message))


def _readable(data: Any, wrong: list[Location]) -> models.Distribution | None:
    """Return a distribution without what is *wrong* in its data; `None` if that is all."""
    if ("region",) in wrong:  # it is required, but few rules look at it
        wrong = [each for each in wrong if each != ("region",)]
        data = {**data, "region": ""}
    kept = _without(data, shape_of(models.Distribution), wrong) if wrong else data
    return None if kept is None else structure(kept, models.Distribution)


def _without(data: Any, shape: Structure, wrong: list[Location]) -> dict[str, Any] | None:
    """Return *data* without what is *wrong* and the members that can't do without it; `None` if that is all."""
    if () in wrong:
        return None
    below: dict[str | int, list[Location]] = {}
    for step, *steps in wrong:
        below.setdefault(step, []).append(tuple(steps))
    kept = dict(data)
    for step, locations in below.items():
        member, value = shape.members.get(str(step)), kept.pop(step, None)
        inner = _without(value, member, locations) if isinstance(member, Structure) else None
        if inner is not None:
            kept[str(step)] = inner
        elif step in shape.required:
            return None
    return kept


def _locator(document: object) -> Callable[[Location], tuple[list[int], object]]:
    """Return a function that finds the value at a location, and the positions that sort it in document order."""
    orders: dict[int, dict[object, int]] = {}

    def locate(location: Location) -> tuple[list[int], object]:
        positions: list[int] = []
        value: Any = document
        for step in location:
            if is_mapping(value):
                order = orders.get(id(value))
                if order is None:
                    order = orders[id(value)] = {key: nth for nth, key in enumerate(value)}
                positions.append(order.get(step, len(order)))  # what is missing comes last
                value = value.get(step)
            else:
                positions.append(cast("int", step))
                value = value[step]
        return positions, value

    return locate


def validate_tags(tags: Mapping[str, str]) -> tuple[Issue, ...]:
    """
    Return every problem of a configuration's *tags*.
    """
    if not tags:  # which can be left out elsewhere, and has another message there
        return (Issue(("tags",), "min", "error", "must have at least 1 item, not 0", tags),)
    shape = shape_of(models.CreateDistributionConfigurationRequest).members["tags"]
    return tuple(shape.walk(tags, ("tags",)))


def validate_encoding(value: object, location: Location = ()) -> tuple[Issue, ...]:
    """
    Return an issue for each string in *value*, at any depth, that can't be encoded as UTF-8.

    It is for parameters, such as ARNs and names, that neither `validate` nor `validate_tags` sees.
    """
    if isinstance(value, str):
        message = encoding_problem(value)
        return (Issue(location, "encoding", "error", message, value),) if message else ()
    steps = value.items() if is_mapping(value) else enumerate(value) if is_list(value) else ()
    return tuple(issue for step, item in steps for issue in validate_encoding(item, (*location, step)))


def check_account_id(name: str, value: object) -> None:
    """
    Raise an error that names *name* unless *value* is an account id.
    """
    check_type(name, value, str)
    if re.fullmatch("[0-9]{12}", cast(str, value)) is None:
        raise ValueError(f"{name} must be an account id of 12 digits, not {show(value)}")
