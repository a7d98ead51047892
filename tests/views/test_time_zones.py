"""The server draws a room's days and times as the reader's clock has them."""

import re
from datetime import UTC, datetime

import pytest

from chat.models import Message
from tests.pages import browser, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def drawn(client) -> tuple[str, list[str]]:
    """The time of the only message, and the days above."""
    page = text(client.get("/rooms/chess/"))
    (time,) = re.findall(r'<time datetime="[^"]*">([^<]*)</time>', page)[:1]
    return time, re.findall(r'<span class="day">([^<]*)</span>', page)


@pytest.fixture
def client(alice, chess):
    say(alice, "late", room=chess)
    Message.objects.update(sent_at=datetime(2020, 12, 31, 20, 30, tzinfo=UTC))
    return browser(alice)


def test_a_browser_that_has_named_its_zone_gets_its_times(client):
    client.cookies["time_zone"] = "Asia/Shanghai"
    assert drawn(client) == ("4:30 a.m.", ["Jan. 1, 2021"])


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../../etc/passwd", "/etc/localtime", "a" * 5000, "\x00", "é"])
def test_others_get_the_site_s(client, zone):
    client.cookies["time_zone"] = zone
    assert drawn(client) == ("8:30 p.m.", ["Dec. 31, 2020"])
