"""The benchmark measures what it says: its checker misses nothing, and each server delivers everything. No timing."""

import asyncio
import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.bench import client, plot, profiles, report
from tests.bench.checker import body
from tests.bench.client import Crowd
from tests.bench.contest import started
from tests.bench.dialects import Chatsite, Editing, PlainJson, Raw, Reacting, SocketIO
from tests.bench.load import Closed
from tests.bench.measures.changes import changes
from tests.bench.measures.histories import histories
from tests.bench.measures.joined import WHAT, joined
from tests.bench.measures.rendering import rendering
from tests.bench.rows import ROWS, Row
from tests.bench.scale import SMALL
from tests.bench.servers import NAMES, Seat, Server
from tests.bench.sockets import Socket
from tests.bench.statistics import percentiles, steepest_rise
from tests.bench.town import Town, in_rooms, one_room
from tests.patience import PATIENCE

PEOPLE, SPEAKERS, TURNS = 6, 3, 20
PEERS = (
    "uvicorn",
    "socketio",
    "socketio_two",
    "socketio_signed",
    "tutorial_pubsub",
    "tutorial_core",
    "gevent",
    "picows",
)


# Servers.


@pytest.mark.proof
@pytest.mark.parametrize("name", ["chatsite", "two_processes", *PEERS])
async def test_everybody_is_shown_every_message_of_everybody(name, tmp_path):
    async with started(tmp_path, one_room(PEOPLE), [name]) as servers:
        if name not in servers:
            pytest.skip(f"{NAMES[name]} cannot run here")
        crowd = Crowd(servers[name])
        await crowd.connect()
        await everybody_speaks(crowd)
        reading = await crowd.settled(0, float("inf"))
        await crowd.leave()
    assert not crowd.flaws, crowd.flaws
    assert reading.checked == reading.deliveries == PEOPLE * SPEAKERS * TURNS
    assert len(reading.ack_seconds) == (SPEAKERS * TURNS if crowd.dialect.acks else 0)
    assert all(seconds > 0 for seconds in reading.delivery_seconds)


async def everybody_speaks(crowd: Crowd) -> None:
    """Returns when all has been sent."""
    voices = [crowd.voice(person, 0) for person in range(SPEAKERS)]
    Closed(voices, turns=TURNS).start()
    async with asyncio.timeout(PATIENCE):
        while any(len(voice.said_at) < TURNS for voice in voices):  # noqa: ASYNC110  Many conditions.
            await asyncio.sleep(0.01)


@pytest.mark.proof
async def test_a_room_with_a_long_past_shows_its_end_a_page_of_it_and_what_was_missed(tmp_path):
    figures = await histories(tmp_path, replace(SMALL, visits=1))
    assert not figures["flaws"]
    assert all(len(figures[what][name]) == 1 for what in ("page", "history", "sync") for name in ("short", "long"))


@pytest.mark.proof
async def test_a_room_that_many_have_joined_shows_who_is_here_and_lets_people_in(tmp_path):
    figures = await joined(tmp_path, replace(SMALL, visits=1))
    assert not figures["flaws"]
    assert all(len(figures[what][name]) == 1 for what in WHAT for name in ("few", "many"))
    assert all(row.verdict(figures)["measured"] for row in ROWS if row.measure == "joined")
    assert len(report.table(report.TABLES["joined"](figures)).splitlines()) == 2 + len(WHAT)


@pytest.mark.proof
async def test_edits_and_reactions_are_counted_and_all_of_them_are_stored(tmp_path):
    figures = await changes(tmp_path, SMALL, ("chatsite", "editing", "reacting"))
    assert {name: one["flaws"] for name, (one,) in figures.items()} == dict.fromkeys(figures, "")
    assert all(one["messages"] > SMALL.writers for (one,) in figures.values())
    assert len(report.table(report.TABLES["changes"](figures)).splitlines()) == 2 + 3


async def test_each_kind_of_text_is_rendered_and_has_its_figure(tmp_path):
    figures = await rendering(tmp_path, replace(SMALL, visits=1))
    assert all(row.verdict(figures)["measured"] for row in ROWS if row.measure == "rendering")
    assert len(report.table(report.TABLES["rendering"](figures)).splitlines()) == 2 + len(figures["cost_us"])


# The checker.


class MuteSocket(Socket):
    """A connection to nowhere."""

    def send(self, payload: bytes) -> None:
        pass


@pytest.fixture
def crowd(monkeypatch) -> Crowd:
    """Alice and bob in a room, without a server: what they are shown a test decides."""
    monkeypatch.setattr(client, "PATIENCE", 0.05)
    seats = [Seat(name, "", {}) for name in ("alice", "bob")]
    crowd = Crowd(Server(Chatsite(), one_room(2), seats, [7], []))
    crowd.sockets = {person: MuteSocket(seat, crowd.dialect, crowd.flaws) for person, seat in enumerate(seats)}
    return crowd


async def test_while_one_servers_answers_are_read_the_others_get_theirs(crowd, monkeypatch):
    loop, turns, read_at = asyncio.get_running_loop(), 0, []

    def turn():
        nonlocal turns
        turns += 1
        loop.call_soon(turn)

    def read(*_):
        read_at.append(turns)
        return 0

    monkeypatch.setattr(crowd, "_read", read)
    turn()
    await crowd.settled()
    assert len(set(read_at[:2])) == 2


async def verdict(crowd: Crowd, bob_sees=list, acks=list) -> set[str]:
    """The kinds of flaws when alice says three messages, and bob and the acks are as these functions spoil them."""
    alice, bob = crowd.sockets.values()
    voice = crowd.voice(0, 0)
    for _ in range(3):
        voice.say()
    said = [body(voice.number, turn) for turn in range(3)]
    alice.log += [(1.0, frame("message", text)) for text in said]
    alice.log += [(1.0, frame("ack", name)) for name in acks([f"{voice.number}.{turn}" for turn in range(3)])]
    bob.log += [(1.0, frame("message", text)) for text in bob_sees(said)]
    await crowd.settled()
    return set(crowd.flaws.counts)


def frame(kind: str, text: str) -> bytes:
    fields = {"message": {"body": text}} if kind == "message" else {"client_id": text}
    return json.dumps({"type": kind, **fields}).encode()


async def test_what_is_whole_has_no_flaw(crowd):
    assert await verdict(crowd) == set()


@pytest.mark.parametrize(
    ("flaw", "bob_sees"),
    [
        ("lost", lambda said: [said[0], said[2]]),
        ("lost", lambda said: said[:2]),
        ("lost", lambda said: []),
        ("doubled", lambda said: [said[0], said[0], said[1], said[2]]),
        ("doubled", lambda said: [*said, said[1]]),
        ("reordered", lambda said: [said[0], said[2], said[1]]),
        ("stray", lambda said: [*said, body(10**9, 0)]),
        ("stray", lambda said: [*said, body(int(said[0].partition(".")[0][1:]), 3)]),
    ],
)
async def test_a_flaw_in_what_one_is_shown_is_found(crowd, flaw, bob_sees):
    assert await verdict(crowd, bob_sees) == {flaw}


@pytest.mark.parametrize("spoilt", [lambda text: text[:-1], lambda text: text + "!", lambda text: text.swapcase()])
async def test_an_altered_text_is_found(crowd, spoilt):
    assert "altered" in await verdict(crowd, lambda said: [said[0], spoilt(said[1]), said[2]])


async def test_what_no_one_understands_is_found(crowd):
    assert "not understood" in await verdict(crowd, lambda said: [*said, "hello"])


@pytest.mark.parametrize(
    ("flaw", "acks"),
    [
        ("lost", lambda names: names[:2]),
        ("doubled", lambda names: [*names, names[0]]),
        ("reordered", lambda names: [names[1], names[0], names[2]]),
    ],
)
async def test_a_flaw_in_the_acks_is_found(crowd, flaw, acks):
    assert await verdict(crowd, acks=acks) == {flaw}


async def test_an_error_of_the_server_is_found(crowd):
    crowd.sockets[1].log.append((1.0, b'{"type":"error","code":"too_fast","detail":"Wait."}'))
    assert "not understood" in await verdict(crowd)


async def test_somebody_who_is_not_in_the_room_is_due_nothing(crowd):
    crowd.server.town.rooms[0] = [0]
    assert await verdict(crowd) == {"stray"}


@pytest.mark.parametrize(
    ("dialect", "payload"),
    [
        (Chatsite(), b'{"type":"presence"}\n{"type":"message","message":{"body":"hi"}}'),
        (SocketIO(), b'42["message",{"room":"room0","sender":"alice","body":"hi"}]'),
        (PlainJson(), b'{"message": "hi"}'),
        (Raw(), b"hi"),
    ],
)
def test_each_dialect_reads_its_messages(dialect, payload):
    assert [word.text for word in dialect.read(payload)] == ["hi"]


def test_a_voice_edits_the_message_that_it_posted_last():
    dialect = Editing()
    sent = [json.loads(dialect.post(7, name, "hi")) for name in ("1.0", "1.1", "2.0", "2.1")]
    assert [one["type"] for one in sent] == ["post", "edit", "post", "edit"]
    assert [one.get("number") for one in sent] == [None, 1, None, 2]


@pytest.mark.parametrize(("people", "is_right"), [([5], True), ([], False)])
def test_a_reaction_that_is_not_as_it_was_wanted_is_seen(people, is_right):
    dialect = Reacting()

    def told(sequence: int, reactions: dict) -> list[str]:
        message = {"number": 1, "body": body(3, 0), "reactions": reactions}
        frame = {"type": "message", "room": 7, "sequence": sequence, "message": message}
        return [word.text for word in dialect.read(json.dumps(frame).encode())]

    assert told(4, {}) == [body(3, 0)]
    assert (told(5, {"👍": people}) == [body(3, 1)]) is is_right


# Figures.


def test_percentiles_are_in_milliseconds():
    assert percentiles([second / 1000 for second in range(1000)]) == {"p50": 500, "p99": 990, "p99.9": 999}


@pytest.mark.parametrize(
    ("curve", "rise"), [([4, 2, 1], 1), ([1, 2], 2), ([4, 1, 2, 1.5], 2), ([3], 1), ([1, 0.5, 0.75, 0.9], 1.8)]
)
def test_the_steepest_rise_of_a_curve(curve, rise):
    assert steepest_rise(curve) == pytest.approx(rise)


def sample(cost: float, flaws: str = "") -> dict:
    return {"cost_us": cost, "flaws": flaws}


@pytest.mark.parametrize(
    ("ours", "met"),
    [([1, 1, 9], "aim met"), ([3, 3, 3], "least met"), ([9, 9, 1], "**not met**"), ([], "not measured")],
)
def test_the_median_of_the_rounds_decides(ours, met):
    figures = {"chatsite": [sample(cost) for cost in ours], "socketio": [sample(10)] * 3}
    assert ROWS[0].verdict(figures)[""] == met


def test_a_server_that_lost_something_has_no_figure():
    cells = ROWS[0].verdict({"chatsite": [sample(1), sample(1, "lost: 1")], "socketio": [sample(10)] * 2})
    assert (cells["measured"], cells["rounds"], cells[""]) == ("failed", "lost: 1", "**not met**")


def test_more_may_be_better():
    row = Row("posts", "posts", 3000, 1500, "{:,.0f}", lambda figures: figures["values"], more_is_better=True)
    assert [row.verdict({"values": [value]})[""] for value in (3000, 2000, 1000)] == [
        "aim met",
        "least met",
        "**not met**",
    ]


def test_the_plot_is_drawn_from_whatever_there_is():
    curve = {"at": [10, 100], "cost_us": [5.0, 4.0], "flaws": ""}
    measures = {
        "saturated": {"chatsite": [sample(3)], "socketio": [sample(6, "lost: 1")]},
        "one_in_flight": {"chatsite": [sample(30)]},
        "room_size": {"chatsite": curve, "socketio": curve},
    }
    for some in ({}, {"saturated": measures["saturated"]}, measures):
        ElementTree.fromstring(plot.picture(some))  # noqa: S314  It is our own.
    assert NAMES["chatsite"] in plot.picture(measures)


def test_the_document_has_a_place_for_the_figures():
    text = report.DOCUMENT.read_text()
    assert text.index(report.BEGIN) < text.index(report.END)


def test_a_profile_names_what_took_most():
    first, second = profiles.summary("main;work 3\nmain;work;sleep 1\n").splitlines()[1:3]
    assert first.split() == ["75.0%", "100.0%", "work"]
    assert second.split() == ["25.0%", "25.0%", "sleep"]


def test_a_town_is_as_planned():
    assert in_rooms(5, 2, 2) == Town(5, [range(2), range(2, 4), range(4, 5)] * 2)
    assert in_rooms(5, 2).rooms_of() == [[0], [0], [1], [1], [2]]
