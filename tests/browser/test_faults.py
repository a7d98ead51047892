"""Faults of the page's own code: each stays where it is, and the server hears of it without anybody's words."""

import json

import pytest
from playwright.sync_api import expect


@pytest.fixture
def reports():
    """The reports of a page from now on."""

    def listen(visitor) -> list[dict]:
        told: list[dict] = []

        def hear(request) -> None:
            if request.url.endswith("/live/report"):
                told.append(json.loads(request.post_data))

        visitor.page.on("request", hear)
        return told

    return listen


@pytest.fixture
def reporter(visit):
    """Runs a script with a reporter, the faults that it has told as `told`, and `fault(message, name)` to make one."""
    page = visit().page
    page.goto("/")

    def evaluate(script: str):
        return page.evaluate(
            f"""async () => {{
              const {{ FaultReporter }} = await import("/static/chat/lib/errors.js")
              const told = []
              const reporter = new FaultReporter((fault) => told.push(fault))
              console.error = () => {{}}
              const fault = (message, row = 1, origin = location.origin) => {{
                const error = new TypeError(message)
                error.stack = `TypeError: ${{message}}\\n    at Rooms.put (${{origin}}/static/1/chat/a.js?q:${{row}}:7)`
                return error
              }}
              {script}
            }}"""
        )

    return evaluate


@pytest.mark.proof
def test_a_frame_that_nobody_can_read_or_handle_takes_no_other_with_it(visit, room, line, reports):
    alice, bob = visit("alice"), visit("bob")
    its_line = line(alice)
    room(alice, bob)
    told = reports(alice)
    room_id = alice.page.evaluate("JSON.parse(document.getElementById('boot').textContent).room.id")
    typing = {"type": "typing", "room": room_id, "person": {"id": 0, "nickname": "somebody"}}
    bad = ['{"type": "message", "body": "my secret', json.dumps({"type": "message", "message": None}), "null"]
    its_line.tell("\n".join([*bad, *bad, json.dumps(typing)]))
    expect(alice.page.locator("#typing")).to_have_text("somebody is typing…")
    bob.say("still here")
    expect(alice.message("still here")).to_have_count(1)
    its_line.wait_until(lambda: len(told) == 2)
    assert sorted(fault["about"] for fault in told) == ["message", "unreadable"]
    assert not [fault for fault in told if "secret" in json.dumps(fault)]
    assert all(fault["stack"].split()[1].startswith("/static/") for fault in told)
    alice.faults.clear()


def test_a_message_that_cannot_be_drawn_keeps_its_place_and_those_after_it_are_shown(visit, room, line, reports):
    alice, bob = visit("alice"), visit("bob")
    its_line = line(alice)
    address = room(alice, bob)
    told = reports(alice)

    def spoil(frame: dict) -> bool:
        for message in [frame.get("message", {}), *frame.get("messages", [])]:
            if message.get("body") == "spoilt":
                message["sent_at"] = "never"
        return False

    its_line.keeps = spoil
    bob.say("spoilt")
    bob.say("sound")
    shown = alice.page.locator(".message .body")
    expect(shown).to_have_text(["This message can't be shown.", "sound"])
    its_line.wait_until(lambda: bool(told))
    assert (told[0]["about"], told[0]["error"]) == ("row", "RangeError")
    alice.go(address)
    expect(shown).to_have_text(["spoilt", "sound"])
    alice.faults.clear()


def test_the_server_logs_what_a_page_reports(visit, site):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    with alice.page.expect_response("**/live/report") as answer:
        alice.page.evaluate(
            """() => {
              const error = new TypeError("x is not a function")
              error.stack = `x@${location.origin}/static/1/chat/none.js:1:1`
              dispatchEvent(new ErrorEvent("error", { error }))
            }"""
        )
    assert answer.value.status == 204


def test_a_fault_is_told_once_without_a_query_and_only_where_it_is_ours(reporter):
    assert reporter(
        """await reporter.report(fault("a.b is not a function"), "message")
        await reporter.report(fault("a.b is not a function"), "message")
        await reporter.report(fault("x is not defined", 1, "https://extension.example"), "message")
        for (const none of [undefined, "a reason", null]) await reporter.report(none, "message")
        return told"""
    ) == [
        {"about": "message", "error": "TypeError: a.b is not a function", "stack": "Rooms.put /static/1/chat/a.js:1:7"}
    ]


@pytest.mark.parametrize(
    "message",
    [
        "Unexpected token 'w', \"words of mine\" is not valid JSON",
        "Cannot use 'in' operator to search for 'x' in words",
        "Cannot create property 'x' on string 'words'",
        "Cannot read properties of undefined (reading 'some words')",
        "words of mine is not a function",
    ],
)
def test_a_sentence_that_may_quote_a_value_is_not_told(reporter, message):
    told = reporter(f"await reporter.report(fault({json.dumps(message)}), 'some words'); return told")
    assert told == [{"about": "unknown", "error": "TypeError", "stack": "Rooms.put /static/1/chat/a.js:1:7"}]


def test_what_nobody_caught_is_told_too(reporter):
    assert reporter(
        """reporter.listen()
        dispatchEvent(new ErrorEvent("error", { error: fault("a is not iterable") }))
        const rejected = { reason: fault("b is not iterable"), promise: Promise.resolve() }
        dispatchEvent(new PromiseRejectionEvent("unhandledrejection", rejected))
        dispatchEvent(new ErrorEvent("error", { message: "ResizeObserver loop completed" }))
        while (told.length < 2) await new Promise((resolve) => setTimeout(resolve))
        return told.map(({ about, error }) => [about, error])"""
    ) == [["page", "TypeError: a is not iterable"], ["promise", "TypeError: b is not iterable"]]


def test_a_page_tells_only_so_many_a_minute_and_so_many_at_all_and_no_long_ones(reporter):
    counts, longest = reporter(
        """const counts = []
        const now = Date.now
        for (let minute = 0; minute < 6; minute++) {
          Date.now = () => now() + minute * 61_000
          for (let row = 0; row < 10; row++) {
            await reporter.report(fault("x".repeat(400) + " is not defined", minute * 10 + row), "m".repeat(50))
          }
          counts.push(told.length)
        }
        const long = fault("x is not defined")
        long.stack = (long.stack + "\\n").repeat(100)
        const other = new FaultReporter((fault) => told.push(fault))
        await other.report(long, "message")
        return [counts, Object.values(told.at(-1)).concat(Object.values(told[0])).map((text) => text.length)]"""
    )
    assert counts == [5, 10, 15, 20, 20, 20]
    assert longest[2] == 1500
    assert longest[3:5] == [40, 300]
