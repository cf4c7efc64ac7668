"""
The pace of a fleet, against a simulated service: no clock runs.
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagebuilder_dist.fleet._schedule import Schedule

from .simulation import Place, Service, simulate

LIMIT = Service(per_second=50, burst=10)


@given(
    per_second=st.floats(0.5, 500),
    wakes=st.lists(st.floats(0, 0.5), min_size=1, max_size=100),
)
def test_targets_start_evenly_however_late_the_driver_wakes_up(per_second: float, wakes: list[float]) -> None:
    """
    In any stretch of time, no more start than the rate allows, plus one at either end.
    """
    schedule: Schedule[Place] = Schedule(per_second)
    for _ in range(200):
        schedule.add(Place("one"))
    starts: list[float] = []
    for now in itertools.accumulate(wakes):
        while (place := schedule.next(now)) is not None:
            starts.append(now)
            schedule.finish(place, now, now, requests=1, seconds=0.01, pushed_back=False)

    for first, last in itertools.combinations(range(len(starts)), 2):
        assert last - first <= (starts[last] - starts[first]) * per_second + 1 + 1e-6


def test_a_driver_that_is_a_little_late_each_time_loses_nothing() -> None:
    result = simulate({"one": LIMIT}, [Place("one")] * 600, per_second=48, lateness=0.003)

    assert result.seconds <= 600 / 48 * 1.01


@pytest.mark.parametrize("requests", [1, 3])
def test_at_a_known_rate_hardly_a_request_is_retried(requests: int) -> None:
    """
    The first targets teach that each takes three requests.
    """
    result = simulate({"one": LIMIT}, [Place("one")] * 600, per_second=48, requests=requests)

    assert result.requests <= 1.005 * 600 * requests
    assert result.seconds <= 1.1 * 600 * requests / 50


@pytest.mark.parametrize("limit", [5, 20, 50, 200])
@pytest.mark.parametrize("requests", [1, 3])
def test_an_unknown_rate_is_learned(limit: int, requests: int) -> None:
    """
    Few requests are throttled, and the service stays busy.
    """
    count = 40 * limit

    result = simulate({"one": Service(limit, 10)}, [Place("one")] * count, requests=requests)

    assert result.seconds <= 1.3 * count * requests / limit
    assert result.requests <= 1.2 * count * requests


def test_a_rate_that_drops_and_rises_is_followed() -> None:
    """
    50/s for 10 s, 5/s for 30 s, and 50/s again: at best, it takes 57 s.
    """
    changing = Service(50, 10, changes={10.0: 5.0, 40.0: 50.0})

    result = simulate({"one": changing}, [Place("one")] * 1500)

    assert result.requests <= 1.05 * 1500
    assert result.seconds <= 1.5 * 57


def test_one_throttled_account_does_not_slow_the_others() -> None:
    others = {f"{number}": LIMIT for number in range(39)}
    targets = [Place(account) for _ in range(20) for account in [*others, "slow"]]

    without = simulate(others, [each for each in targets if each.account != "slow"])
    beside = simulate({**others, "slow": Service(1, 1)}, targets)

    assert beside.ends["slow"] > 10 * without.seconds
    assert max(beside.ends[account] for account in others) <= 1.05 * without.seconds


@given(st.lists(st.sampled_from(["one", "two", "three"]), max_size=30))
def test_each_account_is_served_in_order_and_nothing_is_lost(accounts: list[str]) -> None:
    places = [Place(account, number) for number, account in enumerate(accounts)]

    result = simulate(dict.fromkeys(accounts, LIMIT), places)

    assert sorted(result.started, key=lambda place: place.number) == places
    for account in {*accounts}:
        mine = [place.number for place in result.started if place.account == account]
        assert mine == sorted(mine)
