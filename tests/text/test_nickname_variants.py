"""Which nicknames are offered instead of one that cannot be had; and what a text that is much too long costs."""

from collections.abc import Container
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.nicknames import clean, key, skeleton, variants
from tests.text.typed import accepted, likely_nicknames
from tests.work import assert_linear


def offered(typed: str, taken: Container[str] = ()) -> str:
    """The first variant whose key is not taken."""
    return next((nickname for nickname in variants(typed) if key(nickname) not in taken), "")


@pytest.mark.parametrize(
    ("typed", "taken", "offer"),
    [
        ("bob", {"bob"}, "bob2"),
        ("Bob", {"bob"}, "Bob2"),
        ("Ｂｏｂ", {"bob"}, "Ｂｏｂ2"),
        ("bob", {"bob", "bob2", "bob3"}, "bob4"),
        ("bob2", {"bob2"}, "bob22"),
        ("  bob  ", {"bob"}, "bob2"),
        ("x" * 32, {"x" * 32}, "x" * 31 + "2"),
        ("x" * 40, (), "x" * 32),
        ("x" * 40, {"x" * 32}, "x" * 31 + "2"),
        ("x" * 29 + " yz", {"x" * 29 + " yz"}, "x" * 29 + " y2"),
        ("x" * 30 + " y", {"x" * 30 + " y"}, "x" * 30 + "2"),
        ("admin", (), "admin2"),
        ("管理员", {"管理员2"}, "管理员3"),
        ("bob@example.com", (), "bobexamplecom"),
        ("bob!", {"bob"}, "bob2"),
        ("😀 bob 😀", (), "bob"),
        ("Bob 😀 Smith", (), "Bob Smith"),
        ("\u0301bob", (), "bob"),
        ("bob\u202e\0", (), "bob"),
        ("", (), ""),
        ("   ", (), ""),
        ("😀😀", (), ""),
        ("-_-", (), ""),
    ],
)
def test_a_free_nickname_near_to_what_was_typed_is_offered(typed, taken, offer):
    assert offered(typed, taken) == offer


def test_numbers_go_on_as_far_as_they_must():
    taken = {"bob"} | {f"bob{number}" for number in range(2, 2000)}
    assert offered("bob", taken) == "bob2000"


@pytest.mark.parametrize("function", [key, skeleton, accepted, lambda text: list(islice(variants(text), 3))])
@pytest.mark.parametrize("piece", ["\u0301\u0316", "a\u0301\u0316", "ﷺ", "ﬁ", "'", "a'", "aI", "I", " ", "\u0390"])
def test_a_text_that_is_much_too_long_is_no_more_work(function, piece):
    """Normal forms take time by the square of the marks in a row, so there is a bound for what they are given."""
    assert_linear(function, lambda size: "a" + piece * size)


def test_very_much_text_is_no_work():
    assert len(offered("a" + "\u0301\u0316" * 1_000_000)) <= 32


@given(st.text(max_size=50) | likely_nicknames)
def test_every_variant_can_be_had_and_none_comes_twice(typed):
    """For any typed text, however many of the names near to it are taken."""
    some = list(islice(variants(typed), 120))
    assert [clean(nickname) for nickname in some] == some
    assert len({key(nickname) for nickname in some}) == len(some)


@given(likely_nicknames)
def test_what_could_be_a_nickname_is_its_own_first_variant_and_has_more(typed):
    nickname = accepted(typed)
    if nickname is not None and len(key(nickname)) < 100:
        first, *others = islice(variants(typed), 20)
        assert first == nickname
        assert len(others) == 19
