"""Where the reader stays: at the end while they follow, else in their place, or at the first news after being away."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.scrolling import LAST, TOP

_TEXT_TOP = "id => document.getElementById(id).querySelector('.row').getBoundingClientRect().top"


def test_the_first_move_up_lets_go_of_the_end(filled, visit):
    alice, address = filled(60)
    bob = visit("bob")
    bob.join_room(address)
    box = alice.page.locator("#scroller")
    box.evaluate("box => box.scrollBy(0, -20)")
    alice.page.wait_for_function(
        "() => { const box = document.getElementById('scroller');"
        " return box.scrollHeight - box.scrollTop - box.clientHeight >= 19 }"
    )
    before = box.evaluate("box => box.scrollTop")
    bob.say("while alice scrolls slowly")
    expect(alice.message("while alice scrolls slowly")).to_be_attached()
    bob.say("and again")
    expect(alice.message("and again")).to_be_attached()
    assert box.evaluate("box => box.scrollTop") == before
    box.evaluate("box => box.scrollTo(0, box.scrollHeight)")
    bob.say("at the end again")
    expect(alice.message("at the end again")).to_be_in_viewport()


@pytest.mark.proof
def test_another_width_keeps_the_reader_s_place(filled):
    alice, _ = filled(120)
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = box.scrollHeight / 2 }")
    top = alice.page.evaluate(TOP)
    before = alice.page.evaluate(_TEXT_TOP, top)
    for width in (500, 390, 1200):
        alice.page.set_viewport_size({"width": width, "height": 700})
        expect(alice.page.locator(f"#{top}")).to_be_in_viewport()
    assert abs(alice.page.evaluate(_TEXT_TOP, top) - before) < 30


@pytest.mark.proof
def test_what_came_while_the_line_was_lost_is_unread_from_its_first_line(filled, visit, line):
    alice, address = filled(60)
    its_line = line(alice)
    alice.go(address)
    bob = visit("bob")
    bob.join_room(address)
    its_line.cut()
    bob.say_all(f"missed {number}" for number in range(30))
    expect(bob.message("missed 29").and_(bob.page.locator(":not(.pending)"))).to_be_visible()
    its_line.mend()
    expect(alice.message("missed 0").locator(".divider .news")).to_be_in_viewport()
    expect(alice.message("missed 29")).to_be_attached()
    expect(alice.message("missed 29")).not_to_be_in_viewport()
    left = 90 - alice.page.evaluate(LAST)
    assert 0 < left < 30
    button = alice.page.get_by_role("button", name=f"{left} new messages")
    button.click()
    expect(alice.message("missed 29")).to_be_in_viewport()
    expect(button).to_be_hidden()


def test_the_button_leads_to_the_first_of_the_new_messages(filled, visit):
    alice, address = filled(120)
    bob = visit("bob")
    bob.join_room(address)
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = box.scrollHeight / 2 }")
    bob.say_all(f"news {number}" for number in range(30))
    button = alice.page.get_by_role("button", name=re.compile("new messages"))
    expect(alice.message("news 29")).to_be_attached()
    button.click()
    expect(alice.message("news 0")).to_be_in_viewport()
    expect(alice.message("news 29")).not_to_be_in_viewport()
    button.click()
    expect(alice.message("news 29")).to_be_in_viewport()


@pytest.mark.proof
def test_rows_stay_few_however_much_comes_while_one_reads_above(filled, visit, site):
    alice, address = filled(60)
    bob = visit("bob")
    bob.join_room(address)
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = 300 }")
    expect(alice.page.locator("#message-1")).to_be_attached()
    top = alice.page.evaluate(TOP)
    slug = address.rstrip("/").rsplit("/", 1)[1]
    script = f"""
from chat.actions.messages import Draft, post_messages
from chat.models import Profile, Room
sender, room = Profile.objects.get(nickname={bob.nickname!r}), Room.objects.get(slug={slug!r})
for part in range(4):
    post_messages([Draft(sender.pk, f"more-{{part}}-{{n}}", f"more {{n}}", room.pk) for n in range(100)])
"""
    site.manage("shell", "-c", script)
    alice.page.evaluate("dispatchEvent(new Event('online'))")
    rows = alice.page.locator("#timeline > .message")
    expect(rows).to_have_count(300)
    assert alice.page.evaluate(TOP) == top
    alice.page.get_by_role("button", name=re.compile("new message|Jump")).click()
    expect(alice.page.locator("#message-61")).to_be_in_viewport()
    alice.page.get_by_role("button", name=re.compile("new message|Jump")).click()
    expect(alice.page.locator("#message-460")).to_be_in_viewport()
    assert rows.count() <= 300
