"""A change of the page disturbs neither the focus nor what is typed."""

import pytest
from playwright.sync_api import expect


def test_a_row_stays_the_same_when_a_message_gets_its_number(visit, room):
    alice = visit("alice")
    room(alice)
    alice.say("one")
    expect(alice.page.locator("#message-1")).to_be_visible()
    alice.page.evaluate("""() => {
      window.removed = 0
      new MutationObserver((changes) => changes.forEach((change) => (removed += change.removedNodes.length)))
        .observe(document.getElementById("timeline"), { childList: true })
      window.divider = document.querySelector("#message-1 .divider")
    }""")
    alice.say("two")
    expect(alice.page.locator("#message-2")).to_be_visible()
    assert alice.page.evaluate("[removed, divider.isConnected]") == [0, True]


@pytest.mark.proof
def test_presence_leaves_the_focus_where_it_is_among_people(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    name = alice.page.locator("#here a", has_text=bob.nickname)
    expect(name).to_be_visible()
    name.focus()
    carol = visit("carol")
    carol.join_room(alice.page.url.removeprefix(alice.page.evaluate("location.origin")))
    expect(alice.page.locator("#here a", has_text=carol.nickname)).to_be_visible()
    expect(name).to_be_focused()


def test_what_is_typed_anywhere_in_the_room_reaches_the_message_box(visit, room):
    alice = visit("alice")
    room(alice)
    alice.page.locator("#scroller").focus()
    alice.page.keyboard.type("hello there")
    expect(alice.page.locator("#text")).to_have_value("hello there")
    expect(alice.page.locator("#text")).to_be_focused()


@pytest.mark.proof
def test_page_keys_move_the_timeline_also_from_the_message_box(filled):
    alice, _ = filled(120)
    box = alice.page.locator("#scroller")
    before = box.evaluate("box => box.scrollTop")
    alice.page.locator("#text").focus()
    alice.page.keyboard.press("PageUp")
    alice.page.wait_for_function("before => document.getElementById('scroller').scrollTop < before", arg=before)
    expect(alice.page.locator("#text")).to_be_focused()
    # A long text has pages of its own.
    alice.page.locator("#text").fill("line\n" * 80)
    end, before = (alice.page.evaluate(f"{part}.selectionStart ?? {part}.scrollTop") for part in ("text", "scroller"))
    alice.page.keyboard.press("PageUp")
    alice.page.wait_for_function("end => text.selectionStart < end", arg=end)
    assert box.evaluate("box => box.scrollTop") == before


@pytest.mark.proof
def test_200_rooms_are_opened_and_left_and_nothing_stays_behind(visit, room):
    alice = visit("alice")
    address = room(alice)
    alice.go("/rooms/lobby/")
    session = alice.page.context.new_cdp_session(alice.page)
    session.send("Performance.enable")

    def open_rooms(times: int) -> None:
        for _ in range(times):
            for path in (address, "/rooms/lobby/"):
                alice.page.evaluate("path => navigation.navigate(path).finished", path)

    def counts() -> dict[str, float]:
        session.send("HeapProfiler.collectGarbage")
        found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        return {name: found[name] for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize")}

    open_rooms(10)
    before = counts()
    open_rooms(90)
    after = counts()
    assert after["Nodes"] < before["Nodes"] + 200
    assert after["JSEventListeners"] < before["JSEventListeners"] + 20
    assert after["JSHeapUsedSize"] < before["JSHeapUsedSize"] + 1_000_000
