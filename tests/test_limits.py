from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.limits import Buckets, Limit, Slots, count
from chat.refusals import Refusal
from chat.sentences import in_words


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def take_all(buckets: Buckets, key: object = "bob") -> int:
    """How many tokens the bucket gives at once."""
    taken = 0
    while not buckets.consume(key):
        taken += 1
    return taken


def test_a_new_bucket_gives_its_burst_and_then_refuses(clock):
    assert take_all(Buckets(20, 2, clock)) == 20


def test_who_is_refused_learns_how_long_to_wait(clock):
    buckets = Buckets(1, 0.5, clock)
    assert buckets.consume("bob") == 0
    assert buckets.consume("bob") == pytest.approx(2)
    clock.now += 1.5
    assert buckets.consume("bob") == pytest.approx(0.5)


def test_after_the_wait_there_is_a_token(clock):
    buckets = Buckets(3, 0.7, clock)
    take_all(buckets)
    clock.now += buckets.consume("bob") + 1e-6
    assert buckets.consume("bob") == 0
    assert buckets.consume("bob") > 0


def test_being_refused_costs_nothing(clock):
    buckets = Buckets(1, 1, clock)
    buckets.consume("bob")
    for _ in range(100):
        assert buckets.consume("bob") == pytest.approx(1)


def test_a_bucket_fills_by_its_rate(clock):
    buckets = Buckets(20, 2, clock)
    take_all(buckets)
    clock.now += 5
    assert take_all(buckets) == 10


def test_a_bucket_never_holds_more_than_its_burst(clock):
    buckets = Buckets(20, 2, clock)
    take_all(buckets)
    clock.now += 86_400
    assert take_all(buckets) == 20


def test_each_key_has_a_bucket_of_its_own(clock):
    buckets = Buckets(2, 1, clock)
    take_all(buckets, "bob")
    assert take_all(buckets, "alice") == 2


@pytest.mark.parametrize(("burst", "rate"), [(0, 2), (20, 0), (0, 0), (0.0, 0.0)])
def test_zero_lifts_the_limit_and_keeps_nothing(clock, burst, rate):
    buckets = Buckets(burst, rate, clock)
    assert not any(buckets.consume("bob") for _ in range(1000))
    assert not buckets._levels


@pytest.mark.parametrize("burst", [0.1, 0.5, 0.99])
def test_a_burst_below_one_still_lets_somebody_through(clock, burst):
    """JOIN_RATE=0.5 means one nickname in two minutes, not none for ever."""
    buckets = Buckets(burst, burst / 60, clock)
    assert buckets.consume("bob") == 0
    assert buckets.consume("bob") > 0


def test_a_clock_that_stands_still_gives_no_tokens(clock):
    buckets = Buckets(5, 1000, clock)
    assert take_all(buckets) == 5
    assert buckets.consume("bob") > 0


def test_full_buckets_are_forgotten_when_there_are_many(clock):
    buckets = Buckets(1, 1, clock)
    for number in range(Buckets.SWEEP_AT):
        buckets.consume(number)
    clock.now += 2
    buckets.consume("one more")
    assert len(buckets._levels) == 1


def test_sweeping_gives_nobody_a_token_they_had_spent(clock):
    buckets = Buckets(1, 0.1, clock)
    buckets.consume("bob")
    clock.now += 5
    for number in range(Buckets.SWEEP_AT + 1):
        buckets.consume(number)
    assert buckets.consume("bob") == pytest.approx(5)


def test_many_empty_buckets_do_not_make_each_take_a_walk_over_all(clock):
    """Swept in vain, they are not swept again at once: an attacker with many addresses must not make all slow."""
    buckets = Buckets(1, 1e-9, clock)
    sweeps = 0
    sweep = buckets._sweep

    def counted(now: float) -> None:
        nonlocal sweeps
        sweeps += 1
        sweep(now)

    buckets._sweep = counted
    for number in range(Buckets.SWEEP_AT + 1000):
        buckets.consume(number)
    assert sweeps <= 10


def test_what_costs_more_takes_more(clock):
    buckets = Buckets(20, 2, clock)
    assert buckets.consume("bob", 15) == 0
    assert buckets.consume("bob", 15) == pytest.approx(5)
    assert buckets.consume("bob", 5) == 0


def test_what_costs_more_than_the_burst_is_let_through_by_a_full_bucket_and_paid_afterwards(clock):
    buckets = Buckets(20, 2, clock)
    assert buckets.consume("bob", 100) == 0
    assert buckets.consume("bob") == pytest.approx(81 / 2)


def test_asking_how_long_to_wait_takes_nothing(clock):
    buckets = Buckets(1, 1, clock)
    assert [buckets.wait("bob") for _ in range(3)] == [0, 0, 0]
    buckets.consume("bob")
    assert buckets.wait("bob") == pytest.approx(1)


def test_many_keys_do_not_take_memory_without_bound(clock):
    """Those that were used longest ago are forgotten: an attacker with a large network has as many as they like."""
    buckets = Buckets(1, 1e-9, clock)
    buckets.MOST, buckets.SWEEP_AT, buckets._sweep_at = 1000, 100, 100
    for number in range(5000):
        buckets.consume(number)
        assert len(buckets._levels) <= 1000
    assert buckets.consume(4999) > 0


def test_threads_may_share_buckets():
    buckets = Buckets(1, 1e-9)
    buckets.SWEEP_AT = 100
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda number: buckets.consume(number % 2000), range(4000)))
    assert taken.count(0.0) == 2000


def test_of_several_limits_the_longest_wait_is_told_and_none_is_charged(clock):
    short, long = Limit(Buckets(2, 1, clock), "too_fast.moves"), Limit(Buckets(1, 0.01, clock), "too_fast.begun")
    count((short, "bob"), (long, "bob"))
    with pytest.raises(Refusal) as refusal:
        count((short, "bob"), (long, "bob"))
    assert refusal.value.detail == "Too many new people are messaging this person. Wait 100 seconds and try again."
    assert refusal.value.retry_after == 100
    assert short.buckets.consume("bob") == 0


@pytest.mark.parametrize(("seconds", "said"), [(1, "1 second"), (119, "119 seconds"), (121, "3 minutes")])
def test_long_waits_are_told_in_minutes(seconds, said):
    assert in_words(seconds) == said


def test_only_so_many_are_held_at_once():
    held = Slots(2)
    assert [held.acquire("bob") for _ in range(3)] == [True, True, False]
    assert held.acquire("alice")
    held.release("bob")
    assert held.acquire("bob")
    for key in ("bob", "bob", "alice"):
        held.release(key)
    assert not held._counts
    assert all(Slots(0).acquire("bob") for _ in range(1000))


@given(st.integers(1, 50), st.floats(0.01, 100), st.lists(st.floats(0, 30), max_size=200))
def test_no_pattern_of_asking_gets_more_than_burst_and_rate_allow(burst, rate, pauses):
    clock = Clock()
    buckets = Buckets(burst, rate, clock)
    start, taken = clock.now, 0
    for pause in pauses:
        clock.now += pause
        taken += not buckets.consume("bob")
    assert taken <= burst + (clock.now - start) * rate + 1e-6
