"""How Chinese names are typed."""

import pytest

from chat.text import pinyin


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("小明", {"xiaoming", "xm"}),
        ("王 Bob3", {"wangbob3", "wbob3"}),
        ("吕布", {"lvbu", "lb"}),
        ("欧阳锋", {"ouyangfeng", "oyf"}),
        # Each way in which a character is read.
        ("曾乐", {"cengle", "zengle", "zl", "cengyue"}),
        ("单田芳", {"dantianfang", "shantianfang", "stf"}),
    ],
)
def test_a_chinese_name_is_typed_in_pinyin_or_by_its_initials(name, readings):
    assert readings <= set(pinyin.readings(name))


@pytest.mark.parametrize("name", ["", "Ines", "דנה", "さくら", "👍"])
def test_other_names_have_no_readings(name):
    assert pinyin.readings(name) == ()


def test_readings_are_bounded_whatever_the_name():
    found = pinyin.readings("和单行重长乐差" * 40)
    assert 0 < len(found) <= 8
    assert all(len(reading) <= pinyin.LENGTH for reading in found)
