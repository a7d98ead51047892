"""The labels for those who point are told to those who listen, too."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("chat/static/chat/**/*.js")]

# Patterns that no source may have.
RULES = {
    "a text that only a title has": r'\stitle="|(?<!document)\.title = ',
    "a list that is read out as a status": r"<(?:ul|ol)\b[^>]*role=",
    "who is typing is read out": r'id="typing"[^>]*role=',
}


@pytest.mark.parametrize("rule", RULES)
def test_no_source_has(rule):
    found = [
        (str(path.relative_to(ROOT)), match[0])
        for path in SOURCES
        for match in re.finditer(RULES[rule], path.read_text())
    ]
    assert found == []


WRONG = ['<a title="x">', '<ul class="notices" role="status">', '<p id="typing" role="status">']


@pytest.mark.parametrize(("rule", "wrong"), list(zip(RULES, WRONG, strict=True)))
def test_a_wrong_source_is_found(rule, wrong):
    assert re.search(RULES[rule], wrong)
