"""Several tabs of one person."""

from playwright.sync_api import expect


def test_tabs_of_one_person_share_what_was_read(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    bob.go("/rooms/lobby/")
    second_tab = bob.context.new_page()
    bob.go("/rooms/lobby/", second_tab)
    alice.say("hello tabs")
    badges = [tab.locator("#rooms li", has_text="Room ").locator(".badge") for tab in (bob.page, second_tab)]
    for badge in badges:
        expect(badge).to_have_text("1")
    bob.go(address)
    expect(badges[1]).to_be_hidden()
    expect(second_tab).to_have_title("Lobby · chatsite")


def test_two_tabs_send_each_message_once(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    address = room(alice)
    second_tab = alice.context.new_page()
    alice.go(address, second_tab)
    its_line.cut()
    for number in range(4):
        alice.say(f"tab one {number}")
        alice.say(f"tab two {number}", second_tab)
    its_line.mend()
    its_line.mend(second_tab)
    for tab in (alice.page, second_tab):
        expect(tab.locator(".message:not(.pending)")).to_have_count(8)
        expect(tab.locator(".message")).to_have_count(8)
    assert sorted(its_line.posts()) == sorted(set(its_line.posts()))


def test_two_tabs_of_a_room_show_one_draft(visit):
    alice = visit("alice")
    address = alice.new_room(f"Tabs of {alice.nickname}")
    other = alice.context.new_page()
    alice.go(address, other)
    boxes = [page.get_by_label("Message", exact=True) for page in (alice.page, other)]
    boxes[0].fill("from the first")
    expect(boxes[1]).to_have_value("from the first")
    boxes[1].fill("from the first and the second")
    expect(boxes[0]).to_have_value("from the first and the second")
    boxes[0].press("Enter")
    expect(boxes[1]).to_have_value("")
