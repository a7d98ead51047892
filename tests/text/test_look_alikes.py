"""Which nicknames look alike, so that who has one keeps others from the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.nicknames import key, skeleton, twin
from tests.text.typed import accepted, likely_nicknames


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
