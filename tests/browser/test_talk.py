"""People talk, in rooms and in private."""

from playwright.sync_api import expect

# All that a row shows and knows, whatever the order of attributes and classes and the space between elements. When a
# time is written with Z or with +00:00, it is the same time.
_ROWS = """rows => rows.map((shown) => {
  const row = shown.cloneNode(true)
  for (const element of row.querySelectorAll("*")) {
    const attributes = [...element.attributes].map(({ name, value }) => [name, value]).sort()
    for (const [name] of attributes) element.removeAttribute(name)
    for (const [name, value] of attributes) element.setAttribute(name, value)
  }
  const time = row.querySelector("time")
  time.dateTime = new Date(time.dateTime).toISOString()
  const html = row.querySelector(".row").innerHTML.replace(/\\s*\\n\\s*/g, "\\n")
  return [row.id, [...row.classList].sort(), {...row.dataset}, html]
})"""


def test_two_people_in_two_browsers_talk(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    texts = ["Hello Bob", "你好，爱丽丝 👋", "How are you?"]
    for speaker, listener, text in zip((alice, bob, alice), (bob, alice, bob), texts, strict=True):
        speaker.say(text)
        expect(listener.message(text)).to_have_count(1)
        expect(speaker.message(text)).to_have_count(1)
    for person in (alice, bob):
        expect(person.page.locator(".pending")).to_have_count(0)
        assert person.page.locator(".body").all_inner_texts() == texts


def test_a_live_view_equals_a_fresh_one(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    alice.say("See https://example.org/a_b?c=1 for it\nand no more")
    bob.say("Seen")
    expect(alice.message("Seen")).to_be_visible()
    expect(bob.page.locator(".body a")).to_have_attribute("href", "https://example.org/a_b?c=1")
    for person in (alice, bob):
        expect(person.page.locator(".pending")).to_have_count(0)
        live = person.page.locator("#timeline > .message").evaluate_all(_ROWS)
        person.page.reload()
        person.wait_until_live()
        assert person.page.locator("#timeline > .message").evaluate_all(_ROWS) == live


def test_a_private_message_arrives_in_another_room_at_once_and_counts(visit):
    alice, bob = visit("alice"), visit("bob")
    bob.go("/rooms/lobby/")
    alice.go(f"/people/{bob.nickname}/")
    alice.say("Psst")
    entry = bob.page.locator("#directs li", has_text=alice.nickname)
    expect(entry.locator(".badge")).to_have_text("1")
    expect(bob.page).to_have_title("(1) Lobby · chatsite")
    entry.get_by_role("link").click()
    expect(bob.message("Psst")).to_be_visible()
    expect(bob.page).to_have_title(f"{alice.nickname} · chatsite")
    bob.say("I hear you")
    expect(alice.message("I hear you")).to_be_visible()


def test_a_private_message_waits_for_who_is_away(visit):
    alice, bob = visit("alice"), visit("bob")
    alice.go(f"/people/{bob.nickname}/")
    alice.say("For later")
    alice.say("and more")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(2)
    bob.go("/rooms/lobby/")
    expect(bob.page.locator("#directs li", has_text=alice.nickname).locator(".badge")).to_have_text("2")


def test_a_private_page_that_is_open_and_empty_gets_the_first_message(visit):
    alice, bob = visit("alice"), visit("bob")
    bob.go(f"/people/{alice.nickname}/")
    alice.go(f"/people/{bob.nickname}/")
    alice.say("First")
    expect(bob.message("First")).to_be_visible()
    expect(bob.page.locator("#directs .name")).to_have_text(["Notes", alice.nickname])
    bob.say("Second")
    expect(alice.message("Second")).to_be_visible()


def test_one_click_on_a_name_opens_the_private_room(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    bob.say("Write to me")
    alice.message("Write to me").locator(".sender").click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text(bob.nickname)
    expect(alice.page.get_by_text("Online", exact=True)).to_be_visible()


_SEND = """async (frame) => {
  const [, token] = document.cookie.match(/csrftoken=(\\w+)/)
  const request = { method: "POST", headers: { "X-CSRFToken": token }, body: JSON.stringify(frame) }
  const answer = await fetch("/live/send", request)
  return JSON.parse(await answer.text())
}"""


def test_what_a_program_edits_and_deletes_changes_on_open_pages_as_on_fresh_ones(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    for text in ("frist", "wrong"):
        alice.say(text)
        expect(alice.message(text).and_(alice.page.locator(":not(.pending)"))).to_be_visible()
    place = alice.page.evaluate("JSON.parse(document.getElementById('boot').textContent).room.id")
    edit = {"type": "edit", "client_id": "e-1", "room": place, "number": 1, "sequence": 1, "body": "first"}
    assert alice.page.evaluate(_SEND, edit)["type"] == "ack"
    delete = {"type": "delete", "client_id": "d-1", "room": place, "number": 2}
    assert alice.page.evaluate(_SEND, delete)["type"] == "ack"
    for person in (alice, bob):
        expect(person.message("first")).to_have_count(1)
        expect(person.page.locator("#message-1 .edited-mark")).to_have_attribute("data-text", "(edited)")
        expect(person.page.locator("#message-2.deleted .body")).to_have_text("This message was removed.")
    bob.say("I saw it")  # So it is read, and no line of new messages is above it afterwards.
    expect(bob.page.locator(".pending")).to_have_count(0)
    expect(bob.page.locator("#message-3")).to_be_visible()
    live = bob.page.locator("#timeline > .message").evaluate_all(_ROWS)
    bob.go(address)
    assert bob.page.locator("#timeline > .message").evaluate_all(_ROWS) == live


def test_writing_to_oneself_makes_notes(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    alice.page.get_by_role("link", name="Notes", exact=True).click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Notes")
    alice.wait_until_live()
    alice.say("Buy milk")
    expect(alice.page.locator("#directs .name")).to_have_text(["Notes"])
    expect(alice.page.locator(".pending")).to_have_count(0)
    alice.page.reload()
    expect(alice.message("Buy milk")).to_be_visible()
    expect(alice.page).to_have_title("Notes · chatsite")


def test_others_see_that_somebody_types_until_the_message_comes(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    bob.page.get_by_label("Message", exact=True).press_sequentially("Hmm")
    expect(alice.page.locator("#typing")).to_have_text(f"{bob.nickname} is typing…")
    expect(bob.page.locator("#typing")).to_have_text("")
    bob.page.get_by_label("Message", exact=True).press("Enter")
    expect(alice.message("Hmm")).to_be_visible()
    expect(alice.page.locator("#typing")).to_have_text("")


def test_the_panel_shows_who_is_here(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    here = alice.page.locator("#here .name")
    expect(here).to_have_text([alice.nickname, bob.nickname])
    bob.page.goto("about:blank")
    expect(here).to_have_text([alice.nickname])


def test_a_reply_shows_what_it_answers(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    alice.say("Tea or coffee?\nOr water?")
    question = bob.page.locator("#message-1")
    question.hover()
    question.get_by_role("button", name=f"Reply to {alice.nickname}").click()
    expect(bob.page.locator("#replying")).to_contain_text("Tea or coffee?")
    bob.say("Tea")
    quote = alice.message("Tea").locator(".quote a")
    expect(quote).to_have_text("Tea or coffee?")
    expect(bob.page.locator("#replying")).to_be_hidden()
    quote.click()
    expect(alice.page.locator("#message-1.focus")).to_be_visible()
    alice.say("Fine")
    expect(bob.message("Fine").locator(".quote")).to_be_hidden()
    assert alice.page.url.endswith(address)


def test_words_of_one_person_are_grouped_under_one_name_and_day(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    alice.say("one")
    alice.say("two")
    expect(bob.message("two")).to_be_visible()
    bob.say("three")
    expect(alice.message("three")).to_be_visible()
    for person in (alice, bob):
        grouped = person.page.locator("#timeline > .message").evaluate_all(
            "rows => rows.map((row) => row.classList.contains('grouped'))"
        )
        assert grouped == [False, True, False]
        expect(person.page.locator(".divider .day")).to_have_text(["Today"])


def test_a_new_title_and_topic_show_at_once(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    alice.page.goto(f"{address}edit/")
    alice.page.get_by_label("Name").fill("Bread & butter")
    alice.page.get_by_label("Topic").fill("Baking <b>")
    alice.page.get_by_role("button", name="Save").click()
    expect(bob.page.get_by_role("heading", level=1)).to_have_text("Bread & butter")
    expect(bob.page.locator("#topic")).to_have_text("Baking <b>")
    expect(bob.page.locator("#rooms [aria-current] .name")).to_have_text("Bread & butter")
    expect(bob.page.locator("#beginning h2")).to_have_text("Bread & butter")
    expect(bob.page.get_by_label("Message", exact=True)).to_have_attribute("placeholder", "Message Bread & butter")


def test_the_link_of_a_room_is_copied_and_said_so_for_a_moment(visit, room):
    alice = visit("alice")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    address = room(alice)
    alice.page.get_by_role("button", name="Room menu").click()
    item = alice.page.locator("#copy-link")
    item.click()
    expect(item).to_have_text("Copied")
    assert alice.page.evaluate("navigator.clipboard.readText()").endswith(address)
    expect(item).to_have_text("Copy link")
    alice.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')) }")
    item.click()
    expect(item).to_have_text("Your browser didn't allow copying")
    expect(item).to_have_text("Copy link")


def test_one_s_notes_stand_first_from_their_first_page_on(visit):
    alice, bob = visit("alice"), visit("bob")
    alice.go(f"/people/{bob.nickname}/")
    alice.say("Hello")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    alice.go(f"/people/{alice.nickname}/")
    expect(alice.page.locator("#directs li").first).to_contain_text("Notes")
    alice.say("Milk")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    expect(alice.page.locator("#directs li").first).to_contain_text("Notes")
    expect(alice.page.locator("#directs li")).to_have_count(2)
