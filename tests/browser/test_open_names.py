"""Programs that speak by the simple wire, as people in browsers see them."""

import json
from contextlib import closing
from itertools import count

import pytest
from playwright.sync_api import expect
from websockets.sync.client import connect

from tests.patience import PATIENCE

_numbers = count(1)

# A page of the site's own, with the course's client in it.
_CLIENT = """(name) => new Promise((done, fail) => {
  const socket = new WebSocket(`/ws/${name}`)
  const heard = []
  socket.onopen = () => socket.send("hello from a page")
  socket.onmessage = ({ data }) => {
    heard.push(JSON.parse(data))
    if (heard.at(-1).msg === "that is all") done(heard)
  }
  socket.onclose = ({ code }) => fail(code)
})"""


@pytest.fixture
def program(site):
    """A program that has connected, and what it is called."""
    name = f"robin-{next(_numbers)}"
    with closing(connect(f"ws://127.0.0.1:{site.port}/ws/{name}", legacy=True)) as socket:
        yield name, socket


def test_an_open_name_is_marked_live_as_after_a_reload(visit, program):
    name, socket = program
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    socket.send(f"hello from {name}")
    row = alice.message(f"hello from {name}")
    person = alice.page.locator("#here .person").filter(has_text=name)
    mine = alice.page.locator("#here .person").filter(has_text=alice.nickname)
    for _ in range(2):
        expect(row.locator(".open-mark")).to_be_visible()
        expect(person.locator(".open-mark")).to_be_visible()
        expect(mine.locator(".open-mark")).to_be_hidden()
        alice.page.reload()
        alice.wait_until_live()


def test_people_and_programs_write_to_each_other_in_private(visit, program):
    name, socket = program
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    socket.send(json.dumps({"to_user": alice.nickname, "msg": "psst"}))
    entry = alice.page.locator("#directs li").filter(has_text=name)
    expect(entry.locator(".open-mark")).to_be_visible()
    entry.click()
    alice.wait_until_live()
    expect(alice.message("psst")).to_be_visible()
    expect(alice.page.locator("h1 .open-mark")).to_be_visible()
    alice.say("what is it?")
    said = {}
    while said.get("sender") != alice.nickname:
        said = json.loads(socket.recv(timeout=PATIENCE))
    assert said["msg"] == "what is it?"


def test_what_cannot_reach_an_open_name_any_more_is_said_at_the_message(visit, program):
    name, socket = program
    alice = visit("alice")
    alice.go(f"/people/{name}/")
    alice.say("are you there?")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    expect(alice.page.locator("#nearness")).to_have_text("Online")
    socket.close()
    expect(alice.page.locator("#nearness")).to_have_text("Not connected. Messages to open names aren't kept.")
    alice.say("and now?")
    reason = f"“{name}” isn't connected right now, and messages to open names aren't kept."
    expect(alice.message("and now?").locator(".reason")).to_have_text(reason)


def test_an_open_name_cannot_be_joined_with(visit, program):
    name, _ = program
    guest = visit()
    guest.page.goto("/")
    guest.page.get_by_label("Nickname").fill(name)
    guest.page.get_by_role("button", name="Join", exact=True).click()
    expect(guest.page.get_by_role("alert")).to_contain_text("is an open name")
    guest.faults.clear()  # The browser notes the 422 of the form as an error.


def test_a_page_of_the_site_itself_speaks_the_simple_wire(visit, program):
    name, socket = program
    page_name = f"page-of-{name}"
    guest, alice = visit(), visit("alice")
    alice.go("/rooms/lobby/")
    guest.page.goto("/")
    guest.page.evaluate(f"() => {{ window.told = ({_CLIENT})({json.dumps(page_name)}) }}")
    expect(alice.message("hello from a page").filter(has_text=page_name)).to_be_visible()
    socket.send(json.dumps({"to_user": page_name, "msg": "that is all"}))
    assert {"sender": name, "msg": "that is all"} in guest.page.evaluate("() => window.told")


@pytest.mark.parametrize(("locale", "says"), [("en", "Connect with a WebSocket"), ("zh-CN", "请使用 WebSocket 连接")])
def test_who_opens_the_address_of_a_websocket_reads_how_to_connect(visit, site, locale, says):
    guest = visit(url=site.url, locale=locale)
    assert guest.page.goto("/ws/robin").status == 426
    expect(guest.page.get_by_role("heading", level=1)).to_have_text(says)
    expect(guest.page.locator(".snippet")).to_contain_text(f'new WebSocket("ws://127.0.0.1:{site.port}/ws/robin")')
    guest.faults.clear()  # The browser notes the 426 as an error.
