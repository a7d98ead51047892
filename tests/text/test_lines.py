"""Titles and topics: what is left of what was typed, and what makes two of them one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.lines import KEY_LENGTH, clean, key
from chat.text.visible import is_anything_visible
from tests.work import assert_linear

HIDDEN = [
    "", " ", "\u3000", "\u00a0", "\n", "\0", "\x1b", "\u200b", "\u200d", "\u200e", "\u202e", "\u2060", "\u2064",
    "\ufeff", "\u00ad", "\u034f", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180e", "\u2800", "\u3164", "\uffa0",
    "\ufe0f", "\ufff0", "\ufffc", "\U0001d159", "\U0001d173", "\U000e0001", "\U000e0041", "\U000e0100", "\U000e0fff",
]  # fmt: skip


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_draws_nothing_is_no_title_however_much_of_it(hidden):
    assert clean(hidden) == clean(f"{hidden} {hidden}\u200b") == ""
    assert not is_anything_visible(hidden * 100)
    assert is_anything_visible(f"{hidden}.")


@pytest.mark.parametrize(
    "seen", ["a", "7", ".", "中", "🙂", "👩‍👩‍👧", "\u0301", "é", "ー", "＿", "\U0001fae8", "\U0001faea", "√", "©", "·"]
)
def test_what_draws_something_is_seen_also_where_this_python_does_not_know_it_yet(seen):
    assert is_anything_visible(seen)
    assert clean(seen) == seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lobby", "LOBBY"), ("Lobby", "Ｌｏｂｂｙ"), ("Lobby", "Lob\u200bby"), ("Lobby", "Lob\u00adby"),
        ("Lobby", "Lobby\u3164"),
        ("Lobby", "Lob\ufeffby"), ("Lobby", "L\u043ebby"), ("LOBBY", "LO\u0412\u0412\u0423"), ("Den", " D\u0435n "),
        ("Café", "Cafe\u0301"), ("Bob’s", "Bob's"), ("A – B", "A - B"), ("Бар", "БАР"), ("❤", "❤\ufe0f"),
        ("ﬁlm", "film"), ("a  b", "a b"), ("McIntosh", "mcintosh"),
    ],
)  # fmt: skip
def test_titles_that_read_alike_are_one(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("C", "C++"), ("C", "C#"), ("Room 1", "Room l"), ("Room 0", "Room O"), ("中文", "中国"), ("Café", "Cafe"),
     ("Бар", "Бал"), ("🙂", "🙁"), ("a b", "ab"), ("Corn", "Com")],
)  # fmt: skip
def test_titles_that_are_told_apart_are_two(one, other):
    assert key(one) != key(other)


@given(st.text(max_size=60))
def test_a_key_fits_its_column_and_one_that_is_seen_has_one(title):
    line = clean(title)
    assert len(key(line)) <= KEY_LENGTH
    assert bool(line) == bool(key(line))


def test_titles_that_unfold_to_very_much_stay_two():
    assert len(key("ﷺ" * 60)) <= KEY_LENGTH
    assert key("ﷺ" * 60) != key("ﷺ" * 59)


@pytest.mark.parametrize("function", [clean, key, is_anything_visible])
@pytest.mark.parametrize("piece", ["\u0301\u0316", "\u200b", " ", "\u3164", "ﷺ", "\u202ea", "\u0430"])
def test_the_work_grows_with_the_text_and_no_faster(function, piece):
    assert_linear(function, lambda size: piece * size)
