"""A finger that draws a message to the side answers it."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW


@pytest.fixture
def phone(visit, room):
    """Alice with a phone, in a room in which she has said a word. The first touch has been there."""
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    room(alice)
    alice.page.locator("#text").fill("word")
    alice.page.locator(".send").click()
    alice.message("word").and_(alice.page.locator(":not(.pending)")).wait_for()
    with alice.page.expect_response("**/components/swipe.css"):
        alice.message("word").locator(".body").tap()
    return alice


def touches(person):
    """Fingers of the browser's own, one session for each page: `touch("Start", x, y)`."""
    if not hasattr(person, "touching"):
        person.touching = person.context.new_cdp_session(person.page)

    def touch(kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        person.touching.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    return touch


def draw(person, across: float, *, down: float = 0, lift: bool = True) -> None:
    touch = touches(person)
    box = person.message("word").locator(".body").bounding_box()
    x, y = box["x"], box["y"] + box["height"] / 2
    touch("Start", x, y)
    for step in range(1, 11):
        touch("Move", x + across * step / 10, y + down * step / 10)
    if lift:
        touch("End")


def replying(person):
    return person.page.locator("#replying")


def test_a_swipe_to_the_end_of_the_line_answers(phone):
    draw(phone, 120, lift=False)
    expect(phone.page.locator(".swiped.answers .swipe-sign")).to_have_count(1)
    assert phone.message("word").locator(".row").evaluate("row => getComputedStyle(row).translate") == "80px"
    touches(phone)("End")
    expect(replying(phone)).to_contain_text("word")
    expect(phone.page.locator(".swiped, .swipe-sign")).to_have_count(0)


def test_a_short_one_the_other_way_and_scrolling_do_nothing(phone):
    for across, down in ((40, 0), (-120, 0), (20, 120)):
        draw(phone, across, down=down)
        expect(phone.page.locator(".swiped")).to_have_count(0)
        expect(replying(phone)).to_be_hidden()


def test_one_that_goes_back_again_does_nothing(phone):
    draw(phone, 120, lift=False)
    touch = touches(phone)
    box = phone.message("word").locator(".body").bounding_box()
    touch("Move", 65, box["y"] + 5)
    touch("End")
    expect(phone.page.locator(".swiped")).to_have_count(0)
    expect(replying(phone)).to_be_hidden()


def test_the_edge_of_the_screen_is_the_systems(phone):
    touch = touches(phone)
    box = phone.message("word").locator(".row").bounding_box()
    touch("Start", 5, box["y"] + 5)
    for x in range(20, 160, 20):
        touch("Move", x, box["y"] + 5)
    touch("End")
    expect(replying(phone)).to_be_hidden()


def test_from_right_to_left_it_goes_the_other_way(phone):
    phone.page.evaluate("document.documentElement.dir = 'rtl'")
    box = phone.message("word").locator(".row").bounding_box()
    touch = touches(phone)
    for across, answers in ((120, False), (-120, True)):
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        touch("Start", x, y)
        for step in range(1, 11):
            touch("Move", x + across * step / 10, y)
        touch("End")
        expect(replying(phone)).to_be_visible(visible=answers)


def test_who_may_not_reply_swipes_nothing(phone, visit):
    carol = visit("carol", viewport=NARROW, has_touch=True, is_mobile=True)
    carol.go(phone.page.url)
    with carol.page.expect_response("**/components/swipe.css"):
        carol.message("word").locator(".body").tap()
    draw(carol, 120, lift=False)
    expect(carol.page.locator(".swiped")).to_have_count(0)
    touches(carol)("End")


def test_code_is_scrolled_by_itself(phone):
    code = "x" * 400
    phone.page.locator("#text").fill(f"```\n{code}\n```")
    phone.page.locator(".send").click()
    pre = phone.page.locator("#timeline pre").first
    pre.wait_for()
    box, touch = pre.bounding_box(), touches(phone)
    touch("Start", box["x"] + 60, box["y"] + 10)
    for step in range(1, 11):
        touch("Move", box["x"] + 60 + 12 * step, box["y"] + 10)
    touch("End")
    expect(replying(phone)).to_be_hidden()


def test_with_reduced_motion_nothing_moves_and_it_answers_all_the_same(phone):
    phone.page.emulate_media(reduced_motion="reduce")
    draw(phone, 120, lift=False)
    assert phone.message("word").locator(".row").evaluate("row => getComputedStyle(row).translate") == "none"
    touches(phone)("End")
    expect(replying(phone)).to_contain_text("word")
