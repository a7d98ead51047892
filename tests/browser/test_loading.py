"""The traffic until a room can be read and used. Bytes are not times: a busy machine changes none."""

import pytest
from playwright.sync_api import expect

from tests.browser import loading


@pytest.fixture
def reader(filled, visit):
    """Somebody who has never seen a page of the site, before a room of 50 messages: the page, and its address."""
    _, address = filled(50)
    newcomer = visit("newcomer", locale="en-GB")  # A browser of their own, in which nothing is stored.
    newcomer.submit(f"{address}join/")
    return newcomer.page, address


def test_the_first_load_of_a_room_is_small_and_the_second_is_its_page_alone(reader):
    page, address = reader
    first = loading.load(page, address)
    assert first.bytes <= 69_000, first
    assert any("/styles/" in url for url in first.blocking)
    assert first.round_trips <= 3, first
    page.goto("about:blank")
    second = loading.load(page, address)
    assert second.bytes <= 10_000, second
    assert [url for url in second.requests if "/static/" in url] == []


# But for the list of people, which is about the present.
_SHIFTS = """() => new Promise((resolve) => {
  const isOfTalk = ({ sources }) => sources.some(({ node }) => !node?.parentElement?.closest("#people"))
  new PerformanceObserver((list, observer) => {
    observer.disconnect()
    resolve(list.getEntries().filter(isOfTalk).map(({ value }) => value))
  }).observe({ type: "layout-shift", buffered: true })
  setTimeout(() => resolve([]), 500)
})"""


def test_nothing_moves_while_a_room_is_being_loaded(reader):
    page, address = reader
    loading.load(page, address)
    # The style sheet is there already: the browser could paint the first half of a page whose other half is on its way.
    loading.load(page, address, loading.LINE_TRICKLES)
    assert page.evaluate(_SHIFTS) == []


def test_a_room_is_at_its_end_and_arranged_before_any_script_runs(reader):
    page, address = reader
    page.route("**/pages/room.js", lambda route: route.abort())
    page.goto(address)
    assert page.locator(".message .divider .day").count() == 1
    assert page.locator(".message.grouped").count() > 0
    expect(page.locator("#message-50")).to_be_in_viewport()
