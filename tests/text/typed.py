"""Nicknames as people might type them, and what becomes of that."""

import pytest
from hypothesis import strategies as st

from chat.sentences import sentence
from chat.text.nicknames import InvalidNickname, clean

letters = st.characters(categories=["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"])
alphabets = [
    "abcdeIlRnmoXYZßéı\u0301019",
    "абвгдеІЇОР\u0301",
    "αβγδεςΣΟΙ",
    "中文聊天カナひらａｂＣ",
    "한국어abc",
    "مرحبا٠١",
    "हिन्दी",
]
likely_nicknames = st.one_of(
    st.text(letters | st.sampled_from(" -_"), max_size=40),
    *(st.text(st.sampled_from(alphabet + " -_'’·・"), max_size=40) for alphabet in alphabets),
)


def why_not(typed: str) -> str:
    """The sentence that this text is refused with."""
    with pytest.raises(InvalidNickname) as refused:
        clean(typed)
    return sentence(f"bad_nickname.{refused.value.reason}", refused.value.values, None)


def accepted(typed: str) -> str | None:
    try:
        return clean(typed)
    except InvalidNickname:
        return None
