"""The connection page: all four ways, also through a line that hinders, and how one gets there."""

import base64
import hashlib
import re
from itertools import count
from threading import Event

import pytest
from playwright.sync_api import Locator, Page, expect

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
WAYS = ("socket", "stream", "long", "poll")


def way(page: Page, name: str) -> Locator:
    return page.locator(f'.transport[data-transport="{name}"]')


def figures(page: Page, name: str) -> list[str]:
    """The figures beside the bars of a way, from the first measure to the last."""
    return page.locator(f'tr[data-transport="{name}"] .figure').all_inner_texts()


@pytest.mark.proof
def test_all_four_ways_work_and_show_what_they_cost(visit):
    alice = visit("alice")
    alice.page.goto("/connection/?idle=3")
    expect(alice.page.locator("#step")).to_contain_text("Done: 4 of 4 ways work.")
    for name in WAYS:
        expect(way(alice.page, name)).to_have_attribute("data-state", "works")
        time, *others = figures(alice.page, name)
        assert re.fullmatch(r"[\d.,]+ ms · [\d.,]+ ms", time)
        assert all(re.match(r"[\d.,]+( k?B)?$", text) for text in others), others
    requests = {name: (figures(alice.page, name)[2], figures(alice.page, name)[5]) for name in WAYS}
    assert requests["socket"] == requests["stream"] == ("0", "0")
    # A poll may end before the message that it waits for, on a busy machine.
    assert 1 <= float(requests["long"][0]) < 2
    assert requests["poll"][1] == "60"
    assert alice.page.locator("[data-figure]", has_text=re.compile("[…–]")).count() == 0
    assert "counted over 3 seconds" in alice.page.locator("#charts").inner_text()


@pytest.mark.proof
def test_a_way_that_is_hindered_says_why_and_the_others_work(visit, forwarder):
    forwarder.refuses = lambda request: b"GET /ws/" in request
    forwarder.holds_back = lambda request: b"GET /live/stream" in request
    alice = visit("alice", forwarder.url)
    alice.page.goto("/connection/")
    expect(way(alice.page, "socket")).to_contain_text("doesn't let WebSockets through")
    expect(way(alice.page, "stream")).to_contain_text("holds the response back")
    expect(way(alice.page, "long")).to_have_attribute("data-state", "works")
    assert way(alice.page, "socket").get_attribute("data-state") == "failed"
    assert figures(alice.page, "socket") == [""] * 6
    expect(alice.page.locator("#handshake")).to_be_hidden()


@pytest.mark.proof
def test_a_way_that_falls_silent_is_given_up_and_the_next_one_tried(visit, forwarder):
    """From the page's second frame on, nothing comes back; the connection stands all the same."""
    frames = count(1)
    forwarder.holds_back = lambda piece: piece[:1] == b"\x81" and next(frames) >= 2
    alice = visit("alice", forwarder.url)
    alice.page.goto("/connection/")
    expect(way(alice.page, "socket")).to_contain_text("didn't arrive within 10 seconds")
    expect(way(alice.page, "stream")).to_have_attribute("data-state", "works")
    expect(alice.page.locator("#handshake")).to_be_visible()


@pytest.mark.proof
def test_a_line_that_is_cut_meanwhile_is_told(visit, forwarder):
    """With the page's sixth frame it breaks, and nothing gets through from then on."""
    frames = count(1)
    cut = Event()

    def refuses(piece: bytes) -> bool:
        if piece[:1] == b"\x81" and next(frames) == 6:
            cut.set()
        return cut.is_set()

    forwarder.refuses = refuses
    alice = visit("alice", forwarder.url)
    alice.page.goto("/connection/")
    expect(way(alice.page, "socket")).to_contain_text("It opened, and was cut off")
    for name in ("stream", "long", "poll"):
        expect(way(alice.page, name)).to_contain_text("cut off on the way")
    expect(alice.page.locator("#step")).to_contain_text("Done: 0 of 4 ways work.")
    assert all("Failed to load resource" in fault for fault in alice.faults)
    alice.faults.clear()


@pytest.mark.proof
def test_an_answer_of_somebody_else_is_told_from_the_site_s(visit, site):
    alice = visit("alice", site.url, locale="en-GB")
    page = "<!doctype html><title>Sign in to this network</title>"
    alice.context.route("**/live/poll?**", lambda route: route.fulfill(body=page, content_type="text/html"))
    alice.page.goto("/connection/")
    expect(way(alice.page, "long")).to_contain_text("status 200, and not from the chat")


@pytest.mark.proof
def test_who_is_signed_out_meanwhile_is_told_so(visit):
    alice = visit("alice")
    alice.page.goto("/connection/")
    expect(way(alice.page, "stream")).to_have_attribute("data-state", "trying")
    alice.submit("/sign-out/")
    expect(way(alice.page, "poll")).to_contain_text("You're signed out")
    assert all("401" in fault for fault in alice.faults)
    alice.faults.clear()


def test_the_handshake_is_worked_out_as_the_site_has_done_it(visit):
    """The answer that the site gave is what the browser itself tells its developer tools."""
    alice = visit("alice")
    tools = alice.context.new_cdp_session(alice.page)
    answers: list[dict] = []
    tools.on("Network.webSocketHandshakeResponseReceived", lambda event: answers.append(event["response"]))
    tools.send("Network.enable")
    alice.page.goto("/connection/")
    expect(alice.page.locator("#handshake")).to_be_visible()
    steps = {
        name: alice.page.locator(f'[data-step="{name}"]').inner_text() for name in ("key", "joined", "digest", "accept")
    }
    digest = hashlib.sha1((steps["key"] + GUID).encode()).digest()  # noqa: S324  As RFC 6455 has it.
    assert steps["joined"] == steps["key"] + GUID
    assert bytes.fromhex(steps["digest"]) == digest
    sent = {name.lower(): value for name, value in answers[0]["headers"].items()}
    assert steps["accept"] == sent["sec-websocket-accept"] == base64.b64encode(digest).decode()
    assert "cookie" not in alice.page.locator("[data-request]").inner_text().lower()


@pytest.mark.proof
def test_the_report_is_copied_as_text(visit):
    alice = visit("alice")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.page.goto("/connection/")
    expect(way(alice.page, "socket")).to_have_attribute("data-state", "works")
    alice.page.get_by_role("button", name="Copy report").click()
    expect(alice.page.get_by_text("Copied")).to_be_visible()
    text = alice.page.evaluate("navigator.clipboard.readText()")
    assert "WebSocket: works" in text
    assert re.search(r"Time to deliver a message: [\d.]+ ms", text)
    assert re.search(r"Sec-WebSocket-Accept: \S{27}=", text)
    assert "sessionid" not in text


@pytest.mark.proof
def test_where_the_clipboard_is_closed_the_report_is_shown_and_marked(visit):
    alice = visit("alice")
    alice.context.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    alice.page.goto("/connection/")
    alice.page.get_by_role("button", name="Copy report").click()
    expect(alice.page.locator("#report")).to_contain_text("Long polling: ")
    assert "Long polling: " in alice.page.evaluate("String(getSelection())")


@pytest.mark.proof
def test_the_page_speaks_the_reader_s_language(visit, site):
    alice = visit("alice", site.url, locale="zh-CN")
    alice.page.goto("/connection/")
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("测试连接")
    expect(alice.page.get_by_text("每种方式是什么")).to_be_visible()
    expect(way(alice.page, "stream")).to_contain_text("事件流")
    expect(way(alice.page, "socket")).to_contain_text("可用")


def test_who_has_not_joined_is_asked_to_and_comes_back(visit):
    stranger = visit()
    stranger.page.goto("/connection/")
    stranger.page.get_by_label("Nickname").fill("stranger to the line")
    stranger.page.get_by_role("button", name="Join", exact=True).click()
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Test connection", use_inner_text=True)


def test_the_page_tells_which_way_the_chat_uses(visit):
    alice = visit("alice")
    alice.page.goto("/connection/")
    expect(alice.page.locator("#now")).to_have_text("WebSocket")
    alice.page.evaluate("""localStorage.setItem("chatsite transport", '{"transport":"stream","at":1}')""")
    alice.page.reload()
    expect(alice.page.locator("#now")).to_have_text("Event stream", use_inner_text=True)
    alice.page.evaluate("localStorage.setItem('chatsite transport', '{')")
    alice.page.reload()
    expect(alice.page.locator("#now")).to_have_text("WebSocket")


# The way here.


@pytest.mark.proof
def test_who_is_without_a_line_for_long_is_shown_the_way_here(visit, line):
    alice = visit("alice")
    alices_line = line(alice)
    alice.page.clock.install()
    alice.go("/rooms/lobby/")
    # The other ways too: a page that finds one of them open has its line.
    alice.page.route(re.compile("/live/|/readyz"), lambda route: route.abort())
    alices_line.cut()
    expect(alice.page.get_by_text("Reconnecting…")).to_be_hidden()
    alice.page.clock.run_for(2_000)
    expect(alice.page.get_by_text("Reconnecting…")).to_be_visible()
    help_wanted = alice.page.get_by_role("link", name="Trouble connecting?")
    expect(help_wanted).to_be_hidden()
    alice.page.clock.run_for(10_000)
    expect(help_wanted).to_have_attribute("href", "/connection/")
    alices_line.mend()
    alice.page.clock.run_for(2_000)
    expect(alice.page.locator("#status")).to_be_hidden()


def test_the_menu_of_a_room_leads_here(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    alice.page.get_by_role("button", name="Room menu").click()
    alice.page.get_by_role("link", name="Test connection").click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Test connection", use_inner_text=True)
