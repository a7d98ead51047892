"""Rules that the page's modules keep by themselves, tried inside the browser that runs them."""

from pathlib import Path

import pytest

MODULES = Path(__file__).parents[2] / "chat" / "static" / "chat"
ROOM = {
    "id": 7, "slug": "r", "kind": "public", "title": "R", "topic": "", "url": "/rooms/r/",
    "sequence": 10, "message_count": 8, "read_number": 6,
}  # fmt: skip


@pytest.fixture
def run(visit):
    """Runs the body of a function with a module's exports as `module` and the room as `room`."""
    page = visit().page
    page.goto("/")

    def evaluate(module: str, body: str):
        source = f"async (room) => {{ const module = await import('/static/chat/{module}.js'); {body} }}"
        return page.evaluate(source, ROOM)

    return evaluate


def test_a_cursor_moves_with_what_follows_it_and_by_synced_only(run):
    assert run(
        "store/rooms",
        """const rooms = new module.Rooms([room], {id: 1})
        const hear = (after, sequence, number) =>
          rooms.heard({room: 7, after, sequence, message: {number, sender: {id: 2}}})
        const seen = [hear(10, 12, 9), rooms.get(7).cursor, hear(13, 14, 12), rooms.get(7).cursor]
        rooms.synced({7: 14, 99: 3})
        const later = [rooms.get(7).cursor, hear(10, 12, 9), rooms.get(7).cursor]
        return [...seen, ...later, rooms.cursors(), rooms.cursorOf(7), rooms.cursorOf(8)]""",
    ) == [True, 12, False, 12, 14, True, 14, {"7": 14}, {"7": 14}, {}]


def test_unread_is_what_lies_between_the_counts(run):
    assert run(
        "store/rooms",
        """const rooms = new module.Rooms([room], {id: 1})
        const unread = [rooms.unread]
        const hear = (sequence, number, sender) => {
          rooms.heard({room: 7, after: sequence - 1, sequence, message: {number, sender: {id: sender}}})
          unread.push(rooms.unread)
        }
        hear(11, 9, 2); hear(11, 9, 2); hear(12, 3, 2)
        rooms.read(7, 5); unread.push(rooms.unread)
        rooms.read(7, 9); unread.push(rooms.unread)
        hear(13, 10, 2); hear(14, 11, 1)
        return unread""",
    ) == [2, 3, 3, 3, 3, 0, 1, 0]


def test_a_greeting_renews_all_rooms_but_the_cursor_of_the_open_one(run):
    assert run(
        "store/rooms",
        """const rooms = new module.Rooms([room, {...room, id: 8}, {...room, id: 9}], {id: 1})
        rooms.greet([{...room, sequence: 20, message_count: 15}, {...room, id: 8, sequence: 30}], 7)
        const { read_number, ...without } = room
        rooms.put({...without, title: "New", sequence: 21})
        return [rooms.cursors(), rooms.get(7).read_number, rooms.get(7).title, rooms.get(7).unread]""",
    ) == [{"7": 10, "8": 30}, 6, "New", 9]


def test_a_greeting_that_leaves_the_open_room_out_does_not_take_it_away(run):
    """It may be one of very many; if it is gone, a frame of its own says so."""
    assert run(
        "store/rooms",
        """const rooms = new module.Rooms([room, {...room, id: 8}], {id: 1})
        rooms.greet([{...room, id: 8}], 7)
        return rooms.cursors()""",
    ) == {"7": 10, "8": 10}


def test_cursors_name_as_many_rooms_as_a_frame_may(run):
    assert (
        run(
            "store/rooms",
            """const many = Array.from({ length: 2500 }, (_, n) => ({...room, id: n + 1}))
        return Object.keys(new module.Rooms(many, {id: 1}).cursors()).length""",
        )
        == 2000
    )


def test_typing_is_forgotten_after_six_seconds(run):
    assert run(
        "store/typing",
        """const tracker = new module.TypingTracker()
        const [alice, bob, eve] = ["alice", "bob", "eve"].map((nickname, place) => ({id: place + 1, nickname}))
        tracker.heard(bob, 0); tracker.heard(alice, 3000); tracker.heard(eve, 3000); tracker.forget(eve.id)
        const say = (now) => module.typingSentence(tracker.names(now))
        return [say(5999), say(6000), say(9000), module.typingSentence(["a", "b", "c"])]""",
    ) == ["bob and alice are typing…", "alice is typing…", "", "Several people are typing…"]


def test_days_have_the_names_that_people_give_them(run):
    assert run(
        "lib/clock",
        """const today = new Date(2026, 2, 1, 0, 30)
        const days = [[2026, 2, 1, 0, 1], [2026, 1, 28, 23, 59], [2026, 1, 27], [2025, 11, 31]]
        return days.map((day) => module.dayOf(new Date(...day), today))""",
    ) == ["Today", "Yesterday", "Friday, February 27", "December 31, 2025"]


def test_events_are_read_from_pieces_that_break_anywhere(run):
    assert run(
        "net/transports/sse",
        """const text = ":\\n\\ndata: one\\ndata: two\\nid: {}\\n\\n:\\n\\nevent: close\\ndata: 4412\\n\\ndata: cut"
        const read = (pieces) => {
          const parser = new module.EventParser()
          return pieces.flatMap((piece) => parser.push(piece))
        }
        const whole = read([text])
        return [whole, JSON.stringify(read([...text])) === JSON.stringify(whole)]""",
    ) == [[{"type": "message", "data": "one\ntwo"}, {"type": "close", "data": "4412"}], True]


def test_what_does_not_work_is_tried_again_and_rarer_each_time(visit):
    page = visit().page
    page.clock.install()
    page.goto("/")
    page.evaluate(
        """async () => {
          const { Prober } = await import("/static/chat/net/prober.js")
          window.tried = [Date.now()]
          const make = () => ({ open() { tried.push(Date.now()); this.onEnd() }, close() {} })
          new Prober({ make, within: 5000, better: () => ["socket"], onHello: null }).later()
        }"""
    )
    page.clock.run_for(2 * 60 * 60 * 1000)
    minutes = page.evaluate("tried.slice(1).map((time, index) => (time - tried[index]) / 60_000)")
    assert 0.5 <= minutes[0] <= 1.5
    assert 1 <= minutes[1] <= 3
    assert all(5 <= pause <= 15 for pause in minutes[4:])
    assert len(minutes) > 8


def test_a_room_page_asks_for_all_modules_at_once(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    links = alice.page.locator("link[rel=modulepreload], script[type=module]")
    asked = links.evaluate_all(
        "links => links.map((link) => (link.href || link.src).split(/[/]static[/][0-9a-f]+[/]chat[/]/).at(-1))"
    )
    paths = [path.relative_to(MODULES) for path in MODULES.rglob("*.js")]
    of_this_page = [str(path) for path in paths if path.parts[0] != "pages" or path.name == "room.js"]
    assert sorted(asked) == sorted(of_this_page)
