"""Spellings of one nickname: width, case, spaces and normal forms."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.nicknames import KEY_LENGTH, key
from tests.text.typed import accepted, likely_nicknames


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ｂｏｂ", "bob"), ("O'Neil", "O’NEIL"), ("阿凡提·买买提", "阿凡提・买买提"),
     ("阿凡提·买买提", "阿凡提‧买买提"), ("BOB", "bob"), ("straße", "STRASSE"), ("straße", "strasse"),
     ("ﬁona", "Fiona"), ("ẞ", "ss"), ("ſam", "sam"),
     ("Jose\u0301", "José"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("Bob Smith", "bob\u3000 SMITH"), ("１２３", "123"),
     ("ｶﾅ", "カナ"), ("K", "\u212a"), ("Å", "\u212b"), ("İ", "i\u0307"), (" bob", "bob "), ("ﷺ", "صلى الله عليه وسلم"),
     ("ǅ", "dž"), ("ᾳ", "αι"), ("ŉ", "ʼn")],
)  # fmt: skip
def test_a_nickname_is_one_by_width_case_and_spaces(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("bob", "b0b"), ("a b", "ab"), ("a-b", "a_b"), ("ı", "i"), ("Jose", "José"), ("中文", "中国")]
)
def test_names_that_are_read_differently_stay_two(one, other):
    assert key(one) != key(other)


def test_the_key_fits_its_column():
    assert len(key("ﷺ" * 7)) <= 128
    assert accepted("ﷺ" * 7)


def test_every_letter_folds_to_something_and_folds_once():
    """Over all of Unicode: an empty key would be everybody's, one that folds again would make two of one."""
    for point in range(0x110000):
        letter = chr(point)
        if unicodedata.category(letter)[0] in "LM":
            folded = key(letter)
            assert folded, f"U+{point:04X}"
            assert key(folded) == folded, f"U+{point:04X}"


@given(st.text(max_size=60))
def test_the_key_of_a_key_is_itself(text):
    assert key(key(text)) == key(text)


@given(likely_nicknames)
def test_the_key_of_the_key_of_a_likely_nickname_is_itself(text):
    assert key(key(text)) == key(text)


@given(likely_nicknames)
def test_cleaning_does_not_change_whose_name_it_is(text):
    nickname = accepted(text)
    if nickname is not None:
        assert key(nickname) == key(text)


@given(likely_nicknames, st.sampled_from([str.upper, str.lower, str.casefold, str.title, str.swapcase]))
def test_another_case_is_the_same_name(text, spelled):
    nickname = accepted(text)
    if nickname is None:
        return
    other = spelled(nickname)
    if unicodedata.normalize("NFKC", other).casefold() == unicodedata.normalize("NFKC", nickname).casefold():
        assert key(other) == key(nickname)


@given(likely_nicknames, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_another_normal_form_is_the_same_name(text, form):
    nickname = accepted(text)
    if nickname is not None:
        assert key(unicodedata.normalize(form, nickname)) == key(nickname)


def test_a_text_that_is_much_too_long_is_nobodys_key():
    assert len(key("bob" + " " * 300 + "x")) <= KEY_LENGTH or key("bob" + " " * 300 + "x") == "bob"
    assert len(key("a" * 1000)) > KEY_LENGTH
    assert accepted("bob" + " " * 300 + "x") is None or len(accepted("bob" + " " * 300 + "x")) == 5
