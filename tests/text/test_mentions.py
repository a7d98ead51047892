"""Names in texts: which are found, how far they reach, and that nothing else becomes of a text."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text import lines, mentions, nicknames
from chat.text.markdown import render
from chat.text.mentions import MOST, NICKNAMES, SIGNS, TITLES, Candidates, Known, Naming
from tests.text.test_markdown import HOSTILE, Seen, assert_harmless
from tests.text.typed import accepted, likely_nicknames
from tests.work import assert_linear

MEMBERS = ["Ines", "Ines Maria", "O'Neil", "小明", "민수", "snake_case", "_x_", "Zoë", "हिन्दी", "all round", "אבי"]
OTHERS = ["Otto", "Ines Maria Extra", "小红"]
ROOMS = {"Chess": "chess", "C++ and C#": "c", "聊天室": "chat", "A & B": "a-b"}


def candidates(text: str) -> Candidates:
    """With all titles that the text could mean, whichever there are."""
    found = Candidates(text)
    found.add_titles(found.beginnings)
    return found


def naming(text: str, may_name_everyone: bool | None = True) -> Naming:
    known = Known(
        {nicknames.key(name): number for number, name in enumerate(MEMBERS, 1)},
        {nicknames.key(name): number for number, name in enumerate(OTHERS, 101)},
        {lines.key(title): slug for title, slug in ROOMS.items()},
        may_name_everyone,
    )
    return Naming(candidates(text), known)


def found(text: str, may_name_everyone: bool | None = True) -> list[tuple[str, str]]:
    """The names that are rendered, with their kinds."""
    seen = naming(text, may_name_everyone)
    render(text, seen)
    return [(name.kind, str(name.target)) for name in seen.rendered]


def links(text: str) -> list[str]:
    """What the names that are shown as such have of the text."""
    html = render(text, naming(text))
    return [
        unescape(inner) for inner in re.findall(r'class="(?:mention|mention everyone|room-link)"[^>]*>([^<]*)<', html)
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ines", ["@Ines"]),
        ("hi @Ines, hi", ["@Ines"]),
        ("@ines MARIA!", ["@ines MARIA"]),
        ("＠Ｉｎｅｓ", ["＠Ｉｎｅｓ"]),
        ("@Ines and @Zoë.", ["@Ines", "@Zoë"]),
        ("@Zoe\u0308", ["@Zoe\u0308"]),
        ("@Ines's dog", ["@Ines"]),
        ("@O’Neil's", ["@O’Neil"]),
        ("(@Ines)", ["@Ines"]),
        ("@小明你好", ["@小明"]),
        ("你好@小明，@Ines你好", ["@小明", "@Ines"]),
        ("@민수야", ["@민수"]),
        ("@हिन्दी में", ["@हिन्दी"]),
        ("@snake_case_", []),
        ("@snake_case **x**", ["@snake_case"]),
        ("*@Ines* **@_x_** ||@小明||", ["@Ines", "@_x_", "@小明"]),
        ("- @Zoë", ["@Zoë"]),
        ("> @Zoë asked\n\n@Ines: yes", ["@Ines"]),
        ("> see #Chess", ["#Chess"]),
        ("|a|b|\n|-|-|\n|@Ines|x|", ["@Ines"]),
        ("@אבי שלום", ["@אבי"]),
        ("@Ines Maria Extra", ["@Ines Maria"]),
        ("@all @here", ["@all", "@here"]),
        ("@all round @all", ["@all round", "@all"]),
        ("#Chess tonight", ["#Chess"]),
        ("see #chess.", ["#chess"]),
        ("#C++ and C#", ["#C++ and C#"]),
        ("来#聊天室吧", ["#聊天室"]),
        ("**#A & B**", ["#A & B"]),
        ("@Ines#Chess @Ines @Ines", ["@Ines", "@Ines", "@Ines"]),
    ],
)
def test_names_are_found(text, named):
    assert links(text) == named


@pytest.mark.parametrize(
    "text",
    ["ines@Ines.example", "a@Ines", "@@Ines", "/@Ines", r"\@Ines", "@ Ines", "@Ine", "@Inesita", "@Ines2", "`@Ines`",
     "```\n@Ines\n```", "https://example.com/@Ines", "https://example.com/#Chess", "@Ines\u0301", "##Chess", "a#Chess",
     "# Chess", "#Chessboard", "@", "#", "@all1", "@Somebody", "#Den"],
)  # fmt: skip
def test_what_is_no_name_is_text(text):
    assert found(text) == []
    assert links(text) == []


@pytest.mark.parametrize("text", ["> @Ines @Otto", "> one\n> @all", "> > @Ines", "- > **@Ines**", "> - ||@Ines||"])
def test_a_name_in_a_quote_tells_nobody(text):
    assert found(text, may_name_everyone=False) == []
    assert links(text) == []


def test_people_who_are_not_in_the_room_are_noted_and_shown_as_text():
    assert found("@Otto and @小红") == [("absent", "101"), ("absent", "103")]
    assert render("@Otto", naming("@Otto")) == ""
    # Within a Chinese text it is known only of people in the room where a name ends.
    assert found("@小红你好") == []


def test_everybody_is_named_where_the_rules_allow_it():
    assert found("@all and @HERE") == [("everyone", "all"), ("everyone", "here")]
    assert found("@all", may_name_everyone=False) == [("refused", "all")]
    assert render("@all", naming("@all", may_name_everyone=False)) == ""
    assert found("@all", may_name_everyone=None) == []


def test_names_are_links_relative_to_the_page():
    text = "@Ines in #Chess: @all https://a.com"
    assert render(text, naming(text)) == (
        '<a class="mention" href="?person=1">@Ines</a> in <a class="room-link" href="?room=chess">#Chess</a>: '
        '<span class="mention everyone">@all</span> '
        '<a href="https://a.com" rel="noopener noreferrer nofollow" target="_blank">https://a.com</a>'
    )
    assert render(f"**{text}**", naming(text)) == f"<p><strong>{render(text, naming(text))}</strong></p>"


def test_a_text_without_the_signs_has_no_candidates():
    assert not Candidates("just words, 3 < 4 & more")
    assert not Candidates("a@b.example and c#d")


def test_candidates_are_bounded():
    many = candidates(" ".join(f"@name{number} {'x ' * 20}#title{number} {'y ' * 25}" for number in range(SIGNS // 2)))
    assert (len(many.nicknames), len(many.titles)) == (NICKNAMES, TITLES)
    assert (
        len(Candidates(" ".join(f"@{'小' * 18}{chr(0x4E00 + number)}" for number in range(MOST))).nicknames)
        <= NICKNAMES
    )


def test_a_text_with_very_many_signs_names_nobody():
    assert links("@Ines " + "#x " * (SIGNS - 1)) == ["@Ines"]
    assert links("@Ines " + "#x " * SIGNS) == []


def test_as_many_people_as_a_message_may_name_are_found_in_it():
    names = [f"Somebody Nr {number}" for number in range(MOST)]
    text = " ".join(f"@{name}" for name in names)
    known = Known({nicknames.key(name): number for number, name in enumerate(names)})
    seen = Naming(candidates(text), known)
    render(text, seen)
    assert len(seen.rendered) == MOST


@given(
    likely_nicknames.map(accepted).filter(bool),
    st.sampled_from(["{}", "{}!", "well, {}", "**{}**", "（{}）", "{}\n{}"]),
)
def test_whoever_is_named_is_found(nickname, sentence):
    text = sentence.format(*[f"@{nickname}"] * 2)
    seen = Naming(candidates(text), Known({nicknames.key(nickname): 7}))
    render(text, seen)
    assert {name.target for name in seen.rendered} == {7}


@given(
    st.lists(
        st.sampled_from(
            [*HOSTILE, *MEMBERS, *OTHERS, *ROOMS, "@", "#", "＠", "@Ines", "#Chess", *"*_~`|\\> \n-", "\u0301"]
        )
    ).map("".join)
)
def test_whatever_is_written_only_these_tags_come_out(text):
    assert_harmless(render(text, naming(text)))


@given(st.text(alphabet="@#＠ Ines小明你好all*`|\n", max_size=60))
def test_no_letter_is_lost_beside_names(text):
    html = render(text, naming(text))
    letters = [sign for sign in (Seen(html).text if html else text) if sign in "@#＠Ines小明你好all"]
    assert letters == [sign for sign in text if sign in "@#＠Ines小明你好all"]


@pytest.mark.parametrize(
    "unit", ["@a", "@", "@a b c d e f g h ", "@小明你好", "#a", "#a b ", "@Ines ", "#Chess ", "@\u0301"]
)
def test_the_work_grows_with_the_text_and_no_faster(unit, monkeypatch):
    for bound in ("NICKNAMES", "TITLES", "SIGNS"):
        monkeypatch.setattr(mentions, bound, 100_000)
    assert_linear(lambda text: render(text, naming(text)), lambda size: unit * size, 200)
