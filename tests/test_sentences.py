"""Every refusal has its sentence, and every sentence its refusal: read from the sources."""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from chat.refusals import Refusal
from chat.sentences import SENTENCES
from tests.test_imports import modules

# Made of parts: of what a nickname lacks, of what a ban says, of which limit was met.
MADE = re.compile(r"bad_nickname\.|banned|too_fast\.|bad_frame\.(no_|to_user_|msg_)")
ALWAYS = {"wait", "time"}


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """The refusals in the sources that are called by their names."""
    for source in modules().values():
        for node in ast.walk(ast.parse(source)):
            is_refusal = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal"
            if is_refusal and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value, node


def texts() -> set[str]:
    return {
        node.value
        for source in modules().values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_refusal_gives_its_sentence_the_values_that_it_needs():
    found = list(refusals())
    assert len(found) > 50
    for name, call in found:
        needed = {field for _, field, _, _ in Formatter().parse(SENTENCES[name]) if field}
        given = {keyword.arg for keyword in call.keywords}
        assert needed - ALWAYS <= given, f"{name} needs {needed - given}"
        assert not needed & ALWAYS or "retry_after" in given, f"{name} needs retry_after"


def test_every_sentence_is_said_somewhere():
    said = {name for name, _ in refusals()} | texts()
    assert [name for name in SENTENCES if name not in said and not MADE.match(name)] == []


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_ends_like_one_and_names_no_code(name):
    assert re.match(r"[A-Z“{]|probe|wait|“", SENTENCES[name])
    assert SENTENCES[name].endswith((".", "{reason}"))


def test_a_refusal_is_a_code_for_programs_and_a_sentence_for_people():
    refusal = Refusal("bad_room.open_name", nickname="robin")
    assert refusal.code == "bad_room"
    assert refusal.detail == str(refusal) == "“robin” is an open name, so anyone could read the room through it."
    assert Refusal("too_fast.rooms", retry_after=180.2).detail.endswith("Wait 4 minutes and try again.")
