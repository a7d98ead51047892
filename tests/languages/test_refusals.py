"""The page has its own sentence for each refusal that it may show."""

import re

from chat.sentences import SENTENCES
from tests.languages.texts import MODULES

# Codes of refused messages and of ended connections. Other refusals are shown by pages, or met by programs.
SHOWN = {
    "banned", "not_a_member", "no_such_room", "no_such_person", "no_such_message", "not_here", "empty_body",
    "body_too_long", "too_many_mentions", "bad_body", "too_many", "too_many_connections", "too_fast", "not_signed_in",
    "restarting", "unavailable",
    # Of changes.
    "message_deleted", "edited_meanwhile", "forbidden", "too_late", "too_many_emoji", "too_many_reactions",
    "too_many_pins", "too_many_saved",
}  # fmt: skip


def test_the_page_knows_the_codes_that_people_may_see_and_no_others():
    source = (MODULES / "lib/refusals.js").read_text()
    assert set(re.findall(r"^  (\w+): \(", source, re.MULTILINE)) == SHOWN
    assert {name.partition(".")[0] for name in SENTENCES} >= SHOWN
