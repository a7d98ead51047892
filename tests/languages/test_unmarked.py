"""A text that people see and that is not marked for translation fails here."""

import pytest

from tests.languages import texts, unmarked
from tests.languages.texts import ROOT

FIND = {".html": unmarked.in_template, ".js": unmarked.in_module, ".py": unmarked.in_python}

# Strings that look like sentences and are none. Short: first give it a form that does not look like one.
EXCEPTIONS = {
    "#room-menu form, #room-menu [href$='/edit/'], #room-menu [href$='/leave/']",
    "lost for long",
    "chatsite outbox of ",
    "chatsite signed out ",
    # Of errors that nobody sees.
    "No answer.",
    "No room is open.",
    "The page has no .",
    "The template  is empty.",
}


def test_every_text_that_people_see_is_marked():
    found = {
        (str(path.relative_to(ROOT)), text)
        for path in texts.sources()
        for text in FIND[path.suffix](path.read_text())
        if text not in EXCEPTIONS
    }
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("kind", "source", "found"),
    [
        (".html", "<p>Hello <b>{{ name }}</b></p>", ["Hello"]),
        (
            ".html",
            '{% if a %}<button title="Close" aria-label="{% translate "Close" %}">×</button>{% endif %}',
            ["Close"],
        ),
        (
            ".html",
            "{% blocktranslate %}Hi{% endblocktranslate %}<code>a code</code>{% block a_class %}wide{% endblock %}",
            [],
        ),
        (".js", 'label.textContent = "Copied"', ["Copied"]),
        (".js", "say(`${count} messages are new`)", [" messages are new"]),
        (".js", 'say(isLong ? t("So long") : "that is all")', ["that is all"]),
        (".js", 'plural("{count} new message", "{count} new messages", n) // Not this one.', []),
        (".js", 'import { A } from "../Some one.js"\nlist.querySelector("some thing")', []),
        (".py", 'messages.info(request, f"You left {room}")', ["You left "]),
        (".py", 'fields = {"title": "A title"}\nlogger.info("A thing")\nraise Http404("No room")', ["A title"]),
        (".py", '"""A docstring."""\nx = _("A text")', []),
    ],
)
def test_a_text_that_is_not_marked_is_found(kind, source, found):
    assert FIND[kind](source) == found
