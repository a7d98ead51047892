"""Words that have not got out: without a database that works, without a lock that is free, refused in another tab."""

import pytest
from playwright.sync_api import expect

REFUSAL = {"type": "error", "code": "bad_room", "detail": "Not like that.", "frame": "post"}
PERSON = "JSON.parse(document.getElementById('boot').textContent).you.id"

# Faults of a browser's IndexedDB.
WRONG = {
    "never answers": "IDBFactory.prototype.open = () => ({})",
    "is missing": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    "is forbidden": "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }",
    "is blocked": """IDBFactory.prototype.open = () => {
      const request = {}
      setTimeout(() => request.onblocked?.(new Event('blocked')))
      return request
    }""",
    "is newer": "IDBFactory.prototype.open = () => { throw new DOMException('no', 'VersionError') }",
    "is full": "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }",
    "turns out to be full": """const put = IDBObjectStore.prototype.put
    IDBObjectStore.prototype.put = function (...given) {
      const request = put.apply(this, given)
      this.transaction.abort()
      return request
    }""",
    "stops answering": "IDBObjectStore.prototype.put = () => ({}); IDBObjectStore.prototype.getAll = () => ({})",
}


@pytest.mark.proof
@pytest.mark.parametrize("wrong", WRONG)
def test_words_go_out_from_memory_where_the_database(visit, room, wrong):
    alice, bob = visit("alice"), visit("bob")
    alice.context.add_init_script(WRONG[wrong])
    room(alice, bob)
    for text in ("one", "two"):
        alice.say(text)
    expect(bob.page.locator(".message .body")).to_have_text(["one", "two"])
    expect(alice.page.locator(".pending")).to_have_count(0)
    notice = alice.page.locator("#leftovers .notice")
    expect(notice.locator("> span")).to_have_text(
        "Your browser isn't storing unsent messages. Keep this page open until they're sent."
    )
    notice.get_by_role("button", name="Close").click()
    alice.say("three")
    expect(bob.message("three")).to_have_count(1)
    expect(notice).to_have_count(0)


def test_an_open_page_lets_another_release_have_its_layout_of_the_database_and_goes_on(visit, room):
    alice = visit("alice")
    room(alice)
    alice.say("before")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    other = alice.context.new_page()
    other.goto("/rooms/")
    version = other.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("chatsite", 2).onsuccess = ({ target }) => resolve(target.result.version)
        })"""
    )
    assert version == 2
    alice.say("after")
    expect(alice.page.locator(".message:not(.pending) .body")).to_have_text(["before", "after"])


@pytest.mark.proof
def test_a_lock_that_another_tab_does_not_give_back_is_not_waited_for(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    lock = f"chatsite outbox of #{alice.page.evaluate(PERSON)}"
    other = alice.context.new_page()
    other.goto("/rooms/")
    hold = """(name) => new Promise((resolve) => {
      navigator.locks.request(name, () => new Promise(() => resolve("held"))).catch(() => {})
    })"""
    assert other.evaluate(hold, lock) == "held"
    alice.say("out all the same")
    expect(bob.message("out all the same")).to_have_count(1)
    alice.say("and at once")
    expect(bob.message("and at once")).to_have_count(1)
    expect(alice.page.locator(".pending")).to_have_count(0)


@pytest.mark.parametrize("locks", ["Promise.reject(new Error('no locks'))", "nothing.there"])
def test_locks_that_are_refused_keep_nothing_back(visit, room, locks):
    alice = visit("alice")
    alice.context.add_init_script(f"LockManager.prototype.request = () => {locks}")
    room(alice)
    alice.say("one")
    alice.say("two")
    expect(alice.page.locator(".message:not(.pending) .body")).to_have_text(["one", "two"])


def test_delivery_goes_on_after_a_fault(visit):
    page = visit().page
    page.goto("/")
    assert page.evaluate(
        """async () => {
          const { Delivery } = await import("/static/chat/store/delivery.js")
          const waiting = [{ client_id: "a", room: 1, body: "words" }], seen = []
          const outbox = {
            next: async () => { if (seen.push("asked") === 1) throw new Error("no"); return waiting[0] },
            remove: async () => waiting.pop(),
          }
          const send = (frame) => {
            setTimeout(() => delivery.answer("a", { type: "ack" }))
            return seen.push(frame.type)
          }
          const tell = { fault: (error, about) => seen.push(about), slowed() {} }
          const delivery = new Delivery({ outbox, connection: { ready: true, send }, owner: "test", tell })
          await delivery.wake()
          await delivery.wake()
          return seen
        }"""
    ) == ["asked", "delivery", "asked", "post", "asked"]


def test_words_that_are_refused_in_another_tab_show_where_they_were_written(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    address = room(alice)
    its_line.answers = lambda frame: REFUSAL | {"client_id": frame["client_id"]} if frame["type"] == "post" else None
    other = alice.context.new_page()
    alice.go("/rooms/lobby/", other)
    # From now on this tab has no line, whatever it tries.
    alice.page.evaluate(
        """window.WebSocket = class {
          constructor() { setTimeout(() => this.onclose?.({ code: 4412 }), 50) }
          close() {}
        }
        0"""
    )
    its_line.cut()
    alice.say("refused elsewhere")
    its_line.mend(other)
    expect(alice.message("refused elsewhere").locator(".reason")).to_have_text("Not like that.")
    mark = other.locator(f".sidebar a[href='{address}']").get_by_role("img", name="Unsent messages")
    expect(mark).to_be_visible()
    # There one gets to them; and what becomes of them shows in the first tab as well.
    mark.click()
    alice.wait_until_live(other)
    alice.message("refused elsewhere", other).get_by_role("button", name="Delete").click()
    for page in (alice.page, other):
        expect(page.locator(".message")).to_have_count(0)
        expect(page.locator(".unsent-mark:visible")).to_have_count(0)


def test_a_room_in_which_words_wait_for_long_is_marked(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    address = room(alice)
    its_line.cut()
    alice.say("waiting")
    expect(alice.page.locator(".pending")).to_have_count(1)
    alice.page.clock.install()
    alice.set_out("/rooms/lobby/")
    mark = alice.page.locator(f".sidebar a[href='{address}'] .unsent-mark")
    expect(alice.page.locator("#status[data-key=lost]")).to_be_attached()
    alice.page.clock.run_for(11_000)
    expect(mark).to_be_visible()
    its_line.is_cut = False
    alice.page.clock.run_for(11_000)
    expect(mark).to_be_hidden()


def test_what_an_older_release_stored_under_the_nickname_is_taken_over_once(visit, room):
    alice = visit("alice")
    address = room(alice)
    number = alice.page.evaluate("JSON.parse(document.getElementById('boot').textContent).room.id")
    alice.page.goto("/rooms/")
    alice.page.evaluate(
        """([nickname, address, room]) => new Promise((resolve) => {
          localStorage.setItem(`chatsite draft ${nickname} ${address}`, "half a thought")
          const request = indexedDB.open("chatsite", 1)
          const keyPath = ["nickname", "client_id"]
          request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath })
          request.onsuccess = () => {
            const transaction = request.result.transaction("outbox", "readwrite")
            const entry = { client_id: "old-1", created: 1, room, to: null, place: "", body: "kept", state: "waiting" }
            transaction.objectStore("outbox").put({ ...entry, nickname })
            transaction.oncomplete = () => resolve(request.result.close())
          }
        })""",
        [alice.nickname, address, number],
    )
    alice.go(address)
    expect(alice.page.get_by_label("Message", exact=True)).to_have_value("half a thought")
    expect(alice.page.locator(".message:not(.pending) .body")).to_have_text(["kept"])
    keys = alice.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))")
    assert keys == [f"chatsite draft #{alice.page.evaluate(PERSON)}: room {number}"]
