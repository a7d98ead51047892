"""Emoji: what counts as one, and the catalogue to pick from."""

import json

import pytest

from chat.text import emoji
from chat.text.markdown import render


@pytest.mark.parametrize("text", ["👍", "👍🏽", "❤️", "👩‍🚀", "🇨🇳", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👨‍👩‍👧‍👦", "©️"])
def test_an_emoji_is_itself(text):
    assert emoji.canonical(text) == text


@pytest.mark.parametrize(("typed", "meant"), [("❤", "❤️"), ("👍\ufe0f", "👍"), ("👁‍🗨", "👁️‍🗨️"), ("1⃣", "1️⃣")])
def test_however_its_presentation_is_typed_it_is_one(typed, meant):
    assert emoji.canonical(typed) == meant


@pytest.mark.parametrize(
    "text", ["", "a", "1", "👍👍", "👍 ", "🏽", "\ufe0f", "\u200d", ":+1:", "😀" * 1000, "\0", "𓀀"]
)
def test_other_texts_are_none(text):
    assert emoji.canonical(text) is None


@pytest.fixture(scope="module")
def groups():
    return {name: {one[0]: one[1:] for one in group} for name, group in json.loads(emoji.catalogue())}


def test_the_catalogue_has_every_emoji_once_and_no_tones(groups):
    listed = [one for group in groups.values() for one in group]
    assert len(listed) == len(set(listed)) > 1800
    assert all(emoji.canonical(one) == one for one in listed)
    assert not any(tone in one for one in listed for tone in emoji.TONES)


@pytest.mark.parametrize(
    ("name", "some"),
    [
        ("smileys", "😀❤️😭💯"),
        ("people", "👍👋🙏🤷"),
        ("nature", "🐶🌸"),
        ("food", "🍕🍻☕"),
        ("travel", "🚀🏠🌈"),
        ("activities", "⚽🎉🎮"),
        ("objects", "💡🔥📌"),
        ("symbols", "✅❌❓"),
        ("flags", "🇨🇳🇪🇺"),
    ],
)
def test_emoji_are_where_one_looks_for_them(groups, name, some):
    missing = some
    for one in sorted(groups[name], key=len, reverse=True):
        missing = missing.replace(one, "")
    assert missing == ""


def test_those_with_tones_have_all_five_of_them(groups):
    toned = [one for group in groups.values() for one, (has_tones, *_) in group.items() if has_tones]
    assert "👍" in toned
    assert "😀" not in toned
    assert all(emoji.canonical(emoji.toned(one, tone)) for one in toned for tone in emoji.TONES)


@pytest.mark.parametrize("word", ["thumbs", "+1", "good", "拇指", "赞"])
def test_one_is_found_by_its_names_in_both_languages_and_by_everyday_words(groups, word):
    assert word in groups["people"]["👍"][2]


@pytest.mark.parametrize("text", ["👍", " 👍 ", "😀😀", "👩‍🚀 👩🏽‍🚀", "❤", "❤️", "🏳️‍🌈\n🇩🇪🇫🇷", "1️⃣", "👍" * emoji.ALL])
def test_a_few_emoji_and_nothing_else(text):
    assert emoji.is_all(text)
    assert render(text) == f'<span class="large-emoji">{text}</span>'


@pytest.mark.parametrize(
    "text",
    ["", " ", "1", "12", "#", "a👍", "👍 ok", "好👍", "→", "👍" * (emoji.ALL + 1), "\u200d", "\ufe0f", "👍\u200d", "🇩"],
)
def test_other_texts_are_not_large(text):
    assert not emoji.is_all(text)
    assert "large" not in render(text)
