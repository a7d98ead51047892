import re
from pathlib import Path

import pytest

from chatsite.environment import VARIABLES
from tests.servers import ROOT

REQUIREMENTS = ["requirements.txt", "tests/requirements.txt"]


def text(path: str) -> str:
    return (ROOT / path).read_text()


def requirements(path: str) -> list[str]:
    lines = (line.split("#")[0].strip() for line in text(path).splitlines())
    return [line for line in lines if line and not line.startswith("-r")]


def name_of(requirement: str) -> str:
    return re.split(r"[\[=<>!~ ;]", requirement)[0]


# Settings.


def settings_table() -> list[tuple[str, str]]:
    """Names and defaults as docs/settings.md has them."""
    rows = re.findall(r"^\| *`([A-Z_]+)` *\| *([^|]*?) *\|", text("docs/settings.md"), re.MULTILINE)
    return [(name, default.strip("`")) for name, default in rows]


def test_each_variable_is_in_the_table_with_its_default_and_no_other_is():
    documented = {name: "" if default in ("", "empty", "(empty)", "—", "none") else default
                  for name, default in settings_table()}  # fmt: skip
    assert documented == {variable.name: variable.default for variable in VARIABLES}


def test_the_table_has_each_variable_once():
    names = [name for name, _ in settings_table()]
    assert len(names) == len(set(names))


# Channel layers.


def test_what_a_channel_layer_does_is_tested_as_the_page_says():
    named = re.findall(r"`(test_[a-z_]+)`", text("docs/layers.md"))
    written = "".join(path.read_text() for path in (ROOT / "tests/layers").glob("test_*.py"))
    assert named
    assert [name for name in named if f"def {name}(" not in written] == []


def test_each_test_of_what_any_channel_layer_does_is_in_the_page():
    written = re.findall(r"^(?:async )?def (test_[a-z_]+)", text("tests/layers/test_contract.py"), re.MULTILINE)
    assert set(written) <= set(re.findall(r"`(test_[a-z_]+)`", text("docs/layers.md")))


# Dependencies.


@pytest.mark.parametrize("path", REQUIREMENTS)
def test_each_dependency_is_pinned(path):
    for requirement in requirements(path):
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[0-9][0-9A-Za-z.]*", requirement), requirement


@pytest.mark.parametrize("path", REQUIREMENTS)
def test_each_dependency_is_explained(path):
    explained = text("docs/dependencies.md").lower()
    missing = [
        name for name in map(name_of, requirements(path)) if not re.search(rf"(?<![\w-]){name}(?![\w-])", explained)
    ]
    assert not missing


def test_the_documents_name_no_version_that_is_not_the_pinned_one():
    pinned = dict(re.split(r"(?:\[[a-z,]+\])?==", one) for path in REQUIREMENTS for one in requirements(path))
    for name, version in re.findall(r"`?([\w-]+)`? ?==? ?`?([0-9]+(?:\.[0-9]+)+)", text("docs/dependencies.md")):
        if name in pinned:
            assert version == pinned[name], name


# Links.


def documents() -> list[str]:
    return [str(path.relative_to(ROOT)) for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md")]


def anchors(path: Path) -> set[str]:
    """The fragments that a document's headings have on a forge."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "document", ["README.md", "CHANGELOG.md", "docs/design.md", "docs/settings.md", "docs/dependencies.md"]
)
def test_the_document_is_there(document):
    assert text(document).startswith("# ")


@pytest.mark.parametrize("document", documents())
def test_links_inside_the_project_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", text(document)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, fragment = target.partition("#")
        path = (ROOT / document).parent / file if file else ROOT / document
        assert path.exists(), target
        if fragment and path.suffix == ".md":
            assert fragment in anchors(path), target


@pytest.mark.parametrize("document", documents())
def test_make_targets_that_are_named_exist(document):
    targets = set(re.findall(r"^([\w-]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([\w-]+)", text(document))) <= targets


def test_the_readme_shows_a_picture_that_is_there():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text("README.md"))
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


@pytest.mark.parametrize("document", documents())
def test_commands_of_manage_py_that_are_named_exist(document):
    from django.core.management import get_commands

    assert set(re.findall(r"manage\.py ([a-z_]+)", text(document))) <= set(get_commands())


# The README in two languages.


def parts(readme: str) -> dict[str, list[str]]:
    """The part that both languages share: its commands, code and links, and how many headings and points it has."""
    prose = re.sub(r"^```\n.*?^```", "", readme, flags=re.MULTILINE | re.DOTALL)
    return {
        "commands": re.findall(r"^```\n(.*?)^```", readme, re.MULTILINE | re.DOTALL),
        "code": sorted(" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)),
        "links": sorted(re.findall(r"\]\((?!README)([^)]+)\)", prose)),
        "headings": re.findall(r"^#+ ", prose, re.MULTILINE),
        "points": re.findall(r"^- ", prose, re.MULTILINE),
    }


def test_both_readmes_have_the_same_sections_commands_and_links():
    one, other = text("README.md"), text("README.zh-hans.md")
    assert parts(one) == parts(other)
    assert "(README.zh-hans.md)" in one
    assert "(README.md)" in other
