"""Without comments and indents, modules and style sheets tell a browser what they told it, on the same lines."""

import json
import subprocess
from pathlib import Path

import pytest
import tinycss2

from chatsite.compact import compact
from tests.bench.node import binary
from tests.stylesheets import STYLES

MODULES = STYLES.parent


def programs(sources: list[str]) -> list[list]:
    """The tokens of each module and their lines, as a parser reads them: what it runs, and nothing else."""
    command = [binary(), "--expose-internals", Path(__file__).with_name("tokens.js")]
    asked = json.dumps(sources)
    return json.loads(subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout)


def rules(sheet: str) -> str:
    """A style sheet's rules alone: comments are gone, and all space is one."""
    nodes = tinycss2.parse_stylesheet(sheet, skip_comments=True)
    assert not any(node.type == "error" for node in nodes)
    return " ".join(tinycss2.serialize(nodes).replace("/**/", "").split())


def test_each_module_of_the_page_is_the_same_program_on_the_same_lines():
    sources = [path.read_text() for path in MODULES.rglob("*.js")]
    short = [compact("one.js", source) for source in sources]
    assert len(sources) > 70
    assert programs(short) == programs(sources)


def test_no_module_of_the_page_has_a_comment_left():
    for path in MODULES.rglob("*.js"):
        left = compact("one.js", path.read_text())
        assert not any(line.lstrip().startswith(("//", "/*", "*")) for line in left.split("\n")), path


def test_each_style_sheet_has_the_same_rules_on_the_same_lines():
    for path in STYLES.rglob("*.css"):
        sheet = path.read_text()
        short = compact("one.css", sheet)
        assert "/*" not in short, path
        assert rules(short) == rules(sheet)
        assert short.count("\n") == sheet.count("\n")


SCRIPTS = [
    ("a // b\nc", "a\nc"),
    ("  // a\n  b", "\nb"),
    ("/* a\n b */ c", "\n c"),
    ("a = /** @type {B} */ (c)", "a = (c)"),
    ("return/**/a", "return a"),
    ("return /* \n */ a", "return\n a"),
    ("a // no line end", "a"),
    ("// /* a\nb // */", "\nb"),
    ("/* // */ a", " a"),
    ("{\n  a\n\n    b\n}", "{\na\n\nb\n}"),
    # Strings.
    ('"http://a" // b', '"http://a"'),
    (r'"\"//" + "/*" // a', r'"\"//" + "/*"'),
    (r"'\\' // it's", r"'\\'"),
    ('"a\\\n// b" // c', '"a\\\n// b"'),
    ("import '//a' // b", "import '//a'"),
    # Template literals.
    ("`//a` // b", "`//a`"),
    (r"`\`//${a}/*` // b", r"`\`//${a}/*`"),
    ("`a ${{ b: {} /* c */ }}// d` // e", "`a ${{ b: {} }}// d`"),
    ("`a ${`b // ${c /* d */}`} // e` /* f */", "`a ${`b // ${c }`} // e`"),
    ("`$${a}$ // b` // c", "`$${a}$ // b`"),
    ("`a\n  // b\n` // c", "`a\n  // b\n`"),
    ("`a\n  ${\n  b\n  }\n  c`", "`a\n  ${\nb\n}\n  c`"),
    ("`` / 2 // a", "`` / 2"),
    # Regular expressions, and divisions.
    ("a = /[/]*/ // b", "a = /[/]*/"),
    (r"a.split(/\//) // b", r"a.split(/\//)"),
    (r"/[\]//*]/.test(a) // b", r"/[\]//*]/.test(a)"),
    ("a = [/\"/, /'/, /`/] // b", "a = [/\"/, /'/, /`/]"),
    ("a = b / c // d / e", "a = b / c"),
    ("a = (b) / c /* d */ / e", "a = (b) / c / e"),
    ("a = b[0] / 2 // c", "a = b[0] / 2"),
    ("return /['//]/g // a", "return /['//]/g"),
    ("a.return / b // c'", "a.return / b"),
    ("a /= 2 // b", "a /= 2"),
    ("1 / 2 // a", "1 / 2"),
    ("this.#a / 2 // b", "this.#a / 2"),
    ("() => /a'/ // b", "() => /a'/"),
    ("a = b\n  /* c */\n  / d", "a = b\n\n/ d"),
    ("a ? /'/ : /\"/ // b", "a ? /'/ : /\"/"),
    ("{ a } // b", "{ a }"),
]
NOT_UNDERSTOOD = ["if (a) /'/.test(b) // c", "a = 'b", "a = `b", "} // a", "a = /b", "`${a"]


@pytest.mark.parametrize(("source", "short"), SCRIPTS)
def test_comments_are_told_from_what_looks_like_them(source, short):
    assert compact("one.js", source) == short
    assert short.count("\n") == source.count("\n")


@pytest.mark.parametrize("source", NOT_UNDERSTOOD)
def test_a_module_that_is_not_understood_stays_as_it_is(source):
    assert compact("one.js", source) == source


@pytest.mark.parametrize(
    ("sheet", "short"),
    [
        ("a { /* b */ color: red; /* c */ }", "a { color: red; }"),
        ("/* a\n b */\nc {}", "\n\nc {}"),
        ('a::before { content: "/* b */" } /* c */', 'a::before { content: "/* b */" }'),
        (r"a { content: '\'/* b */' }", r"a { content: '\'/* b */' }"),
        ("a { background: url(//b/*.png) } /* c */", "a { background: url(//b/*.png) }"),
        ("a/**/.b {}", "a/**/.b {}"),
        ("a /* b */.c {}", "a .c {}"),
        ("a {\n  /* b */color: red;\n\tmargin: 0;\n}", "a {\n color: red;\nmargin: 0;\n}"),
        ('a { content: "b\\\n  c" }', 'a { content: "b\\\n  c" }'),
    ],
)
def test_a_style_sheet_keeps_what_looks_like_a_comment(sheet, short):
    assert compact("one.css", sheet) == short


def test_other_files_stay_as_they_are():
    assert compact("one.svg", "/* a */") == "/* a */"
