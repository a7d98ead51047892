"""Pages and the simple wire: at its addresses, and of the open names that come from there."""

from datetime import timedelta

import pytest

from chat import conf
from chat.actions import people
from chat.actions.messages import Draft, post_messages
from chat.models import Profile
from tests.pages import browser

pytestmark = [pytest.mark.django_db, pytest.mark.above_storage]

MARK = 'class="open-mark"'


# At the addresses of WebSockets.


@pytest.mark.parametrize("path", ["/ws", "/ws/bob"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_who_asks_without_an_upgrade_is_told_to_ask_with_one(visitor, path, method):
    page = getattr(visitor, method)(path)
    assert page.status_code == 426
    assert (page["Upgrade"], page["Connection"]) == ("websocket", "Upgrade")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"])
def test_behind_a_proxy_the_answer_is_one_that_http2_takes(visitor, header):
    page = visitor.get("/ws", headers={header: "1.1 proxy"})
    assert page.status_code == 426
    assert "Upgrade" not in page
    assert "Connection" not in page


@pytest.mark.parametrize(
    ("languages", "says"),
    [
        ("zh", "请使用 WebSocket 连接"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "请使用 WebSocket 连接"),
        ("zh-TW", "请使用 WebSocket 连接"),
        ("en,zh;q=0.5", "Connect with a WebSocket"),
        ("de", "Connect with a WebSocket"),
        ("", "Connect with a WebSocket"),
        (";;q=zh,*", "Connect with a WebSocket"),
    ],
)
def test_it_is_told_in_the_readers_language(visitor, languages, says):
    page = visitor.get("/ws/bob", headers={"Accept-Language": languages})
    text = page.content.decode()
    assert f"<h1>{says}</h1>" in text
    assert ('lang="zh-hans"' in text) == ("请使用" in says)
    assert "Accept-Language" in page["Vary"]


@pytest.mark.parametrize(
    ("path", "secure", "address"),
    [
        ("/ws", False, "ws://testserver/ws"),
        ("/ws/bob", False, "ws://testserver/ws/bob"),
        ("/ws/bob", True, "wss://testserver/ws/bob"),
        ("/ws/%E5%B0%8F%E6%98%8E", False, "ws://testserver/ws/小明"),
    ],
)
def test_the_page_shows_the_line_that_connects(visitor, path, secure, address):
    page = visitor.get(path, secure=secure, headers={"Host": "testserver"})
    assert f"new WebSocket(&quot;{address}&quot;)" in page.content.decode().replace('"', "&quot;")


def test_what_stands_in_the_address_is_shown_as_text(visitor):
    page = visitor.get("/ws/<script>alert(1)<%2Fscript>\"')")
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize("path", ["/ws", "/ws/bob"])
def test_nothing_is_posted_there(visitor, path):
    assert visitor.post(path).status_code == 405
    assert not Profile.objects.filter(nickname="bob").exists()


@pytest.mark.parametrize(("language", "says"), [("en", "turned that off"), ("zh", "关闭了这项功能")])
def test_a_site_without_names_by_address_says_so(visitor, monkeypatch, language, says):
    monkeypatch.setattr(conf, "SIMPLE_WIRE", False)
    page = visitor.get("/ws/bob", headers={"Accept-Language": language})
    assert page.status_code == 404
    assert says in page.content.decode()
    assert "Upgrade" not in page
    echo = visitor.get("/ws", headers={"Accept-Language": language})
    assert echo.status_code == 426
    assert "/ws/" not in echo.content.decode()


# Open names on the pages of people.


@pytest.fixture
def robin() -> Profile:
    """An open name under which somebody is connected."""
    profile = people.join_open("robin", "first")
    people.take_over(profile, "first", "process", timedelta(minutes=1))
    return profile


@pytest.fixture
def page(alice):
    """The page that alice's browser shows at a path."""
    client = browser(alice)
    return lambda path: client.get(path).content.decode()


def marks(html: str) -> int:
    """The marks that are to be seen; the others wait in templates and rows for their turn."""
    return html.count(MARK) - html.count(f"{MARK} hidden")


def test_who_is_here_under_an_open_name_is_marked(page, robin):
    people_list = page("/rooms/lobby/").split('id="here"')[1].split("</ul>")[0]
    assert "robin" in people_list
    assert marks(people_list) == 1


def test_nobody_else_is_marked(page, bob):
    post_messages([Draft(bob.pk, "c-1", "hi", to="alice")])
    assert marks(page("/rooms/lobby/")) == marks(page("/people/bob/")) == 0


def test_what_an_open_name_says_is_marked(page, robin, lobby):
    post_messages([Draft(robin.pk, "c-1", "hi", room_id=lobby.pk)])
    timeline = page("/rooms/lobby/").split('id="timeline"')[1].split('id="newer"')[0]
    assert marks(timeline) == 1


def test_the_page_of_an_open_name_says_what_it_is_before_and_after_the_first_word(page, robin, alice):
    before = page("/people/robin/")
    post_messages([Draft(alice.pk, "c-1", "hi", to="robin")])
    after = page("/people/robin/")
    for html in (before, after):
        header, sidebar = html.split("<h1")[1].split("</h1>")[0], html.split('id="directs"')[1].split("</ul>")[0]
        assert marks(header) == marks(sidebar) == 1
        assert "An open name has no password" in html
        assert "Online" in html


def test_it_says_that_nothing_is_kept_while_nobody_is_connected(page):
    people.join_open("robin", "first")
    html = page("/people/robin/")
    assert "Not connected. Messages to open names" in html
    assert "waits for them" not in html
