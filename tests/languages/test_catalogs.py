"""Every text of the site is marked, translated, and in the files that Django and the page read."""

import re

import pytest

from tests.languages import catalogs, texts

EVERY = pytest.mark.parametrize("language", catalogs.TRANSLATED)

# Parts that a translation has to repeat: placeholders of Python, of templates and of the page's modules, and elements.
PARTS = re.compile(r"%\(\w+\)[sd]|\{\w+(?::[^}]*)?\}|<[^>]+>")


@EVERY
def test_all_files_of_a_language_are_what_make_messages_makes_of_the_sources(language):
    """So no text is missing in them, and none is unused."""
    assert [path.name for path, content in catalogs.files(language).items() if path.read_bytes() != content] == []


@EVERY
def test_every_text_is_translated_and_none_is_fuzzy(language):
    messages = [message for message in catalogs.read(language) if message.id]
    assert len(messages) > 300
    assert [message.id for message in messages if message.fuzzy or not catalogs.is_translated(message)] == []


@EVERY
def test_a_translation_has_the_placeholders_and_elements_of_its_text(language):
    for message in catalogs.read(language):
        if not message.id:
            continue
        one, strings = (message.id[0], message.string) if message.pluralizable else (message.id, (message.string,))
        for string in strings:
            assert sorted(PARTS.findall(string)) == sorted(PARTS.findall(one)), one


def test_chinese_says_ni_and_writes_its_own_punctuation():
    for message in catalogs.read("zh-hans"):
        for string in message.string if message.pluralizable else [message.string]:
            plain = re.sub(r"<code>.*?</code>", "", string)
            assert "您" not in plain
            assert not re.search(r"[\u4e00-\u9fff][,;!?:]|[\u4e00-\u9fff]\.(?!\w)", plain) or not message.id, string
            assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9{]|[A-Za-z0-9}][\u4e00-\u9fff]", plain) or "后" in plain


@pytest.mark.parametrize(
    ("read", "source", "found"),
    [
        (texts.in_python, 'x = {"a": _("One " "two")}\nngettext("{n} a", "{n} b", 2)', [("{n} a", "{n} b"), "One two"]),
        (
            texts.in_template,
            '{% load i18n %}{% translate "One" %}{% if x %}{% translate "Two" as y %}{% endif %}',
            ["One", "Two"],
        ),
        (
            texts.in_template,
            "{% load i18n %}{% blocktranslate trimmed with a=b %}\n A <b>{{ a }}</b>\n{% endblocktranslate %}",
            ["A <b>%(a)s</b>"],
        ),
        (
            texts.in_template,
            "{% load i18n %}{% blocktranslate count n=x %}{{ n }} a{% plural %}{{ n }} b{% endblocktranslate %}",
            [("%(n)s a", "%(n)s b")],
        ),
        (
            texts.in_module,
            'x = t("Say \\"a\\"", { a })\nplural(\n  "{count} a",\n  "{count} b",\n  n)\nparts("C")',
            ['Say "a"', ("{count} a", "{count} b"), "C"],
        ),
    ],
)
def test_marked_texts_are_found(read, source, found):
    assert list(read(source)) == found
