"""People edit, delete and restore what they have written, over WebSockets and plain HTTP."""

import json

import pytest

pytestmark = pytest.mark.above_storage


async def change(wire, kind: str, ack: dict, client_id: str, **fields) -> None:
    await wire.send(kind, client_id=client_id, room=ack["room"], number=ack["number"], **fields)


async def test_an_edit_is_acknowledged_and_reaches_everybody_once(two):
    one, other, room = two
    posted = await one.post("frist", room=room)
    await change(one, "edit", posted, "edit-1", sequence=posted["sequence"], body="first")
    ack = await one.expect("ack", client_id="edit-1")
    assert (ack["room"], ack["number"], ack["sequence"]) == (room, 1, 2)
    await change(one, "edit", posted, "edit-1", sequence=posted["sequence"], body="first")
    assert await one.expect("ack", client_id="edit-1") == ack
    for wire in (one, other):
        frame = await wire.expect_body("first")
        assert (frame["after"], frame["sequence"], frame["message"]["number"]) == (1, 2, 1)
        assert frame["message"]["edited_at"]
        assert [frame for frame in await wire.so_far() if frame["type"] == "message"] == []


async def test_a_deletion_takes_the_text_from_everybody_and_its_undoing_brings_it_back(two):
    one, other, room = two
    posted = await one.post("oh no", room=room)
    await change(one, "delete", posted, "delete-1")
    await one.expect("ack", client_id="delete-1", sequence=2)
    frame = await other.expect("message", sequence=2)
    assert (frame["message"]["body"], bool(frame["message"]["deleted_at"])) == ("", True)
    await change(one, "restore", posted, "restore-1")
    await one.expect("ack", client_id="restore-1", sequence=3)
    frame = await other.expect("message", sequence=3)
    assert (frame["message"]["body"], frame["message"].get("deleted_at")) == ("oh no", None)


async def test_who_was_away_is_given_the_last_state_alone(two, bob):
    one, other, room = two
    posted = await one.post("first", room=room)
    cursor = (await other.expect("message", room=room))["sequence"]
    await other.socket.close()
    for number, body in enumerate(("second", "third")):
        await change(one, "edit", posted, f"edit-{number}", sequence=posted["sequence"] + number, body=body)
        await one.expect("ack", client_id=f"edit-{number}")
    again = await bob.connect({str(room): cursor})
    changes = [frame for frame in await again.so_far() if frame["type"] == "message"]
    assert [(frame["after"], frame["sequence"], frame["message"]["body"]) for frame in changes] == [(1, 3, "third")]


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("edit", {"sequence": 1, "body": "mine"}, "forbidden"),
        ("edit", {"sequence": 1, "body": " \n"}, "empty_body"),
        ("edit", {"sequence": 1, "body": "x" * 10_001}, "body_too_long"),
        ("edit", {"sequence": 1, "body": "a\0b"}, "bad_body"),
        ("edit", {"body": "without the version"}, "bad_frame"),
        ("edit", {"sequence": 1, "body": "none there", "number": 2}, "no_such_message"),
        ("delete", {}, "forbidden"),
        ("restore", {"number": 0}, "bad_frame"),
        ("delete", {"room": 999_999}, "not_a_member"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_and_changes_nothing(two, kind, fields, code):
    one, other, room = two
    posted = await one.post("words", room=room)
    await other.send(kind, **{"client_id": "no", "room": room, "number": posted["number"], **fields})
    error = await other.expect("error", client_id="no")
    assert (error["code"], error["frame"]) == (code, kind)
    assert [frame["type"] for frame in await one.so_far()].count("message") == 1


async def test_a_program_edits_by_plain_http(alice, two):
    one, _, room = two
    posted = await one.post("words", room=room)
    place = {"room": room, "number": posted["number"], "sequence": posted["sequence"]}
    response = await alice.deliver(json.dumps({"type": "edit", "client_id": "h-1", "body": "other words", **place}))
    assert [json.loads(line)["type"] for line in response.text.splitlines()] == ["ack"]
    await one.expect_body("other words")


async def test_a_pin_reaches_everybody_and_what_is_saved_oneself_alone(two, bob):
    one, other, room = two
    posted = await one.post("words", room=room)
    await change(one, "pin", posted, "pin-1", on=True)
    await one.expect("ack", client_id="pin-1", sequence=2)
    frame = await other.expect("message", sequence=2)
    assert frame["message"]["pinned_at"]
    again = await bob.connect()
    await change(other, "save", posted, "save-1", on=True)
    assert (await other.expect("ack", client_id="save-1"))["sequence"] == 2
    for wire in (other, again):
        assert await wire.expect("saved") == {"type": "saved", "room": room, "number": posted["number"], "on": True}
    assert "saved" not in [frame["type"] for frame in await one.so_far()]
    den = await one.post("for bob alone", to=bob.nickname)
    await one.send("post", client_id="forward-1", room=room, body="", forward={"room": den["room"], "number": 1})
    await one.expect("ack", client_id="forward-1")
    frame = await other.expect("message", room=room, sequence=3)
    assert (frame["message"]["body"], frame["message"]["forwarded"]) == ("for bob alone", True)
