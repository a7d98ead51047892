import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.limits import Buckets


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
    while not buckets.take(key):
        taken += 1
    return taken


def test_a_new_bucket_gives_its_burst_and_then_refuses(clock):
    assert take_all(Buckets(20, 2, clock)) == 20


def test_who_is_refused_learns_how_long_to_wait(clock):
    buckets = Buckets(1, 0.5, clock)
    assert buckets.take("bob") == 0
    assert buckets.take("bob") == pytest.approx(2)
    clock.now += 1.5
    assert buckets.take("bob") == pytest.approx(0.5)


def test_after_the_wait_there_is_a_token(clock):
    buckets = Buckets(3, 0.7, clock)
    take_all(buckets)
    clock.now += buckets.take("bob") + 1e-6
    assert buckets.take("bob") == 0
    assert buckets.take("bob") > 0


def test_being_refused_costs_nothing(clock):
    buckets = Buckets(1, 1, clock)
    buckets.take("bob")
    for _ in range(100):
        assert buckets.take("bob") == pytest.approx(1)


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
    assert not any(buckets.take("bob") for _ in range(1000))
    assert not buckets._levels


@pytest.mark.parametrize("burst", [0.1, 0.5, 0.99])
def test_a_burst_below_one_still_lets_somebody_through(clock, burst):
    """JOIN_RATE=0.5 means one nickname in two minutes, not none for ever."""
    buckets = Buckets(burst, burst / 60, clock)
    assert buckets.take("bob") == 0
    assert buckets.take("bob") > 0


def test_a_clock_that_stands_still_gives_no_tokens(clock):
    buckets = Buckets(5, 1000, clock)
    assert take_all(buckets) == 5
    assert buckets.take("bob") > 0


def test_full_buckets_are_forgotten_when_there_are_many(clock):
    buckets = Buckets(1, 1, clock)
    for number in range(Buckets.SWEEP_AT):
        buckets.take(number)
    clock.now += 2
    buckets.take("one more")
    assert len(buckets._levels) == 1


def test_sweeping_gives_nobody_a_token_they_had_spent(clock):
    buckets = Buckets(1, 0.1, clock)
    buckets.take("bob")
    clock.now += 5
    for number in range(Buckets.SWEEP_AT + 1):
        buckets.take(number)
    assert buckets.take("bob") == pytest.approx(5)


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
        buckets.take(number)
    assert sweeps <= 10


@given(st.integers(1, 50), st.floats(0.01, 100), st.lists(st.floats(0, 30), max_size=200))
def test_no_pattern_of_asking_gets_more_than_burst_and_rate_allow(burst, rate, pauses):
    clock = Clock()
    buckets = Buckets(burst, rate, clock)
    start, taken = clock.now, 0
    for pause in pauses:
        clock.now += pause
        taken += not buckets.take("bob")
    assert taken <= burst + (clock.now - start) * rate + 1e-6
