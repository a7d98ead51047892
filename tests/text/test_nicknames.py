"""Valid nicknames, and the reasons for which others are refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.sentences import sentence
from chat.text import nicknames
from chat.text.nicknames import InvalidNickname, clean, key
from tests.text.typed import accepted, likely_nicknames, why_not

# Names that may be one.


@pytest.mark.parametrize(
    "nickname",
    ["a", "7", "bob", "Bob Smith", "x" * 32, "中文", "日本語の名前", "Ελένη", "Дмитрий", "שלום", "عائشة", "हिन्दी",
     "ไทย", "한국어", "José", "Jose\u0301", "İstanbul", "straße", "Ｂｏｂ", "ﬁona", "d-Arc", "a_b-c 9", "٣"],
)  # fmt: skip
def test_letters_of_any_script_digits_inner_spaces_hyphen_and_underscore_make_a_nickname(nickname):
    assert clean(nickname) == nickname


@pytest.mark.parametrize(
    ("typed", "nickname"),
    [("  bob ", "bob"), ("\u3000bob\u3000", "bob"), ("Bob   Smith", "Bob Smith"), ("Bob\u3000Smith", "Bob Smith"),
     ("Bob\tSmith", "Bob Smith"), ("bob\n", "bob"), ("Bob\r\nSmith", "Bob Smith")],
)  # fmt: skip
def test_outer_spaces_go_and_inner_ones_become_one(typed, nickname):
    assert clean(typed) == nickname


@pytest.mark.parametrize(
    "typed",
    ["bob\0", "\0", "a\x07b", "bob!", "b@b", "a/b", "a\\b", "a.b", "..", "<b>", "a&b", 'a"b', "a#b", "a?b",
     "a%b",
     "a:b", "“bob”", "bob，", "😀", "bob👍🏽", "™", "①", "²", "½", "€", "a+b"],
)  # fmt: skip
def test_signs_emoji_and_control_characters_are_refused(typed):
    assert re.search("letters, digits, spaces, - and _", why_not(typed))


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\ufeff",
     "\u00ad",
     "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180e", "\u180f", "\u3164", "\uffa0",
     "\ufe00",
     "\ufe0f", "\U000e0001", "\U000e0100", "\U000e0041", "\u2800", "\ufffc", "\ufffd", "\ue000", "\uffff"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["{}bob", "b{}ob", "bob{}", "{}"])
def test_what_draws_nothing_or_turns_the_text_around_is_refused(hidden, place):
    with pytest.raises(InvalidNickname):
        clean(place.format(hidden))


@pytest.mark.parametrize("ignorable", [chr(point) for point in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0, 40))])
def test_variation_selectors_are_refused(ignorable):
    with pytest.raises(InvalidNickname):
        clean(f"bob{ignorable}")


@pytest.mark.parametrize("typed", ["", " ", "   ", "\t\n", "\u3000", "\u00a0\u2003"])
def test_nothing_and_spaces_alone_are_refused_and_told_apart(typed):
    assert re.search("spaces alone" if typed else r"^Enter a nickname\.$", why_not(typed))


@pytest.mark.parametrize("typed", ["-", "_", "- -", "___", "-_-"])
def test_a_nickname_has_a_letter_or_a_digit(typed):
    assert re.search("at least one letter or digit", why_not(typed))


def test_a_nickname_has_32_characters_at_most():
    assert clean("中" * 32) == "中" * 32
    assert re.search("can have 32 characters at most; this one has 33", why_not("中" * 33))


def test_the_length_counts_characters_not_bytes_and_not_outer_spaces():
    assert clean(" " + "𠮷" * 32 + " ") == "𠮷" * 32


def test_a_name_that_unfolds_to_too_much_is_refused_with_a_true_sentence():
    assert "this one has 8" not in why_not("\ufdfa" * 8)


def test_zalgo_is_refused():
    with pytest.raises(InvalidNickname):
        clean("b" + "\u0301\u0316\u0308\u0327\u0320" + "ob")


def test_the_marks_that_languages_need_are_not_zalgo():
    assert clean("Việ\u0323t\u0302") == "Việ\u0323t\u0302"
    assert clean("ก\u0e35\u0e49") == "ก\u0e35\u0e49"


@pytest.mark.parametrize("typed", ["\u0301bob", "\u20ddbob", "bob \u0301x", "- \u0308a"])
def test_a_mark_needs_a_letter_to_stand_on(typed):
    with pytest.raises(InvalidNickname):
        clean(typed)


def test_what_is_refused_is_named_with_its_character():
    assert re.search("“!”", why_not("bob!"))
    assert re.search(r"U\+202E", why_not("bob\u202e"))


@pytest.mark.parametrize(
    "nickname",
    ["O'Neil", "O’Neil", "d'Artagnan", "阿凡提·买买提", "レオナルド・ダ・ヴィンチ", "Gal·la", "N'Golo Kanté",
     "Jose\u0301's", "阿凡提‧买买提"],
)  # fmt: skip
def test_an_apostrophe_or_a_middle_dot_stands_between_letters(nickname):
    assert clean(nickname) == nickname


@pytest.mark.parametrize(
    "typed", ["'bob", "bob'", "bob ' smith", "a''b", "a'·b", "·", "'", "a'1", "1'a", "a' b", "-'a"]
)
def test_an_apostrophe_or_a_middle_dot_stands_nowhere_else(typed):
    assert re.search("between letters", why_not(typed))


# Scripts.


@pytest.mark.parametrize(
    ("typed", "scripts"),
    [
        ("\u0430dmin", "Cyrillic, Latin"),
        ("m\u0430rk", "Cyrillic, Latin"),
        ("Ｂ\u043eb", "Cyrillic, Latin"),
        ("b\u03bfb", "Greek, Latin"),
        ("\u0391\u0412", "Cyrillic, Greek"),
        ("bob \u0431\u043e\u0431", "Cyrillic, Latin"),
        ("Հbob", "Armenian, Latin"),
        ("中文\u0430", "Cyrillic, Han"),
        ("한국かな", "Hangul, Hiragana"),
        ("ᏚᎳbob", "Cherokee, Latin"),
    ],
)
def test_letters_of_scripts_that_are_not_written_together_are_refused(typed, scripts):
    assert re.search(scripts, why_not(typed))


@pytest.mark.parametrize(
    "nickname",
    [
        "小明Bob",
        "田中さん",
        "タナカ太郎",
        "ㄅㄆ中文abc",
        "김bob",
        "金한국",
        "Ελένη",
        "Дмитрий",
        "Łukasz",
        "bob２",
        "Nguyễn",
        "さくらー",
    ],
)
def test_one_script_and_those_of_one_language_are_welcome(nickname):
    assert clean(nickname) == nickname


# Any text that is typed.


@given(likely_nicknames)
def test_clean_changes_nothing_the_second_time(text):
    nickname = accepted(text)
    if nickname is not None:
        assert clean(nickname) == nickname


@given(st.text())
def test_whatever_is_typed_is_accepted_or_refused_with_a_sentence(typed):
    try:
        nickname = clean(typed)
    except InvalidNickname as refusal:
        assert sentence(f"bad_nickname.{refusal.reason}", refusal.values, None).endswith(".")  # noqa: PT017
    else:
        assert 1 <= len(nickname) <= 32
        assert nickname == nickname.strip()
        assert "  " not in nickname
        assert nickname.isprintable()


# Reserved names.


@pytest.mark.parametrize(
    "typed",
    [
        "admin",
        "ADMIN",
        "ａｄｍｉｎ",
        " System ",
        "管理员",
        "me",
        "deleted",
        "lobby",
        "Nobody",
        "\u0251dmin",
        "nuIl",
        "aIl",
        "adm\u0269n",
        "b\u1d0ft",
    ],
)
def test_reserved_words_are_refused_however_they_are_spelled(typed):
    assert re.search("reserved", why_not(typed))


def test_a_reserved_word_inside_a_name_is_free():
    assert clean("admin of my heart") == "admin of my heart"


def test_each_reserved_word_is_written_as_its_key():
    assert {key(word) for word in nicknames.RESERVED} == nicknames.RESERVED
