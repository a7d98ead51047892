import re
import unicodedata
from collections.abc import Container
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.sentences import sentence
from chat.text import nicknames
from chat.text.nicknames import KEY_LENGTH, InvalidNickname, clean, key, skeleton, twin, variants
from tests.work import assert_linear

letters = st.characters(categories=["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"])
alphabets = [
    "abcdeIlRnmoXYZßéı\u0301019",
    "абвгдеІЇОР\u0301",
    "αβγδεςΣΟΙ",
    "中文聊天カナひらａｂＣ",
    "한국어abc",
    "مرحبا٠١",
    "हिन्दी",
]
likely_nicknames = st.one_of(
    st.text(letters | st.sampled_from(" -_"), max_size=40),
    *(st.text(st.sampled_from(alphabet + " -_'’·・"), max_size=40) for alphabet in alphabets),
)


def why_not(typed: str) -> str:
    """What somebody is told who has typed this."""
    with pytest.raises(InvalidNickname) as refused:
        clean(typed)
    return sentence(f"bad_nickname.{refused.value.reason}", refused.value.values, None)


def accepted(typed: str) -> str | None:
    try:
        return clean(typed)
    except InvalidNickname:
        return None


# What may be one.


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
    assert re.search("letters, digits, spaces, - and _ only", why_not(typed))


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
    assert re.search("spaces alone" if typed else r"^Type a nickname\.$", why_not(typed))


@pytest.mark.parametrize("typed", ["-", "_", "- -", "___", "-_-"])
def test_a_nickname_has_a_letter_or_a_digit(typed):
    assert re.search("at least one letter or digit", why_not(typed))


def test_a_nickname_has_32_characters_at_most():
    assert clean("中" * 32) == "中" * 32
    assert re.search("may have 32 characters; this one has 33", why_not("中" * 33))


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
        ("\u0430dmin", "Cyrillic and Latin"),
        ("m\u0430rk", "Cyrillic and Latin"),
        ("Ｂ\u043eb", "Cyrillic and Latin"),
        ("b\u03bfb", "Greek and Latin"),
        ("\u0391\u0412", "Cyrillic and Greek"),
        ("bob \u0431\u043e\u0431", "Cyrillic and Latin"),
        ("Հbob", "Armenian and Latin"),
        ("中文\u0430", "Cyrillic and Han"),
        ("한국かな", "Hangul and Hiragana"),
        ("ᏚᎳbob", "Cherokee and Latin"),
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


# What looks alike.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mark", "m\u0430rk"),
        ("bob", "\u0412\u041e\u0412"),
        ("Tom", "Том"),
        ("ice", "\u0406\u0421\u0415"),
        ("TOPAC", "торас"),
        ("admin", "\u0251dmin"),
        ("BOB", "ΒΟΒ"),
        ("Alice", "AIice"),
        ("Paul", "PauI"),
        ("Bill", "BiII"),
        ("O'Neil", "O\u02bcNeil"),
        ("O'Neil", "O’NeiI"),
        ("bob", "Ｂｏｂ"),
        ("scope", "ѕсоре"),
        ("bob 12", "bob \u06f12"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one, other):
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bill1", "Billl"), ("bob", "b0b"), ("Marna", "Mama"), ("Ian", "Lan"), ("Ella", "Elia"), ("José", "Jose"),
     ("Bill", "Bil1"), ("Louis XIV", "Louis xlv"), ("WILLIAM", "WlLLlAM"), ("中文", "中国"), ("Дима", "Дина")],
)  # fmt: skip
def test_names_that_people_tell_apart_have_two(one, other):
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    ("nickname", "other"), [("limes11", "Iimes11"), ("Ian", "lan"), ("Lan", ""), ("ian", ""), ("IBM", ""), ("l1", "")]
)
def test_a_capital_i_at_the_beginning_looks_like_a_small_l(nickname, other):
    assert twin(nickname) == other


def test_a_reserved_name_cannot_be_written_with_a_capital_i():
    assert not accepted("Iobby")


@given(likely_nicknames)
def test_spellings_of_one_name_look_alike_unless_a_capital_i_does(text):
    if not set("I\u0406\u0399") & set(text):
        assert skeleton(text) == skeleton(key(text))


@given(st.text(max_size=60) | likely_nicknames)
def test_a_skeleton_fits_its_column_and_is_never_empty_for_a_name(text):
    assert len(skeleton(text)) <= 255
    if accepted(text):
        assert skeleton(text)


# What makes two of them one.


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
def test_clean_changes_nothing_the_second_time(text):
    nickname = accepted(text)
    if nickname is not None:
        assert clean(nickname) == nickname


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


# Variants.


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


def test_a_text_that_is_much_too_long_is_nobodys_key():
    assert len(key("bob" + " " * 300 + "x")) <= KEY_LENGTH or key("bob" + " " * 300 + "x") == "bob"
    assert len(key("a" * 1000)) > KEY_LENGTH
    assert accepted("bob" + " " * 300 + "x") is None or len(accepted("bob" + " " * 300 + "x")) == 5


def test_very_much_text_is_no_work():
    assert len(offered("a" + "\u0301\u0316" * 1_000_000)) <= 32


@given(st.text(max_size=50) | likely_nicknames)
def test_every_variant_can_be_had_and_none_comes_twice(typed):
    """Whatever was typed, and however many of the names near to it are taken."""
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
