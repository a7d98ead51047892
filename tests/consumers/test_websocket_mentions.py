"""Who is told that a message names them, and who is not."""

import pytest

pytestmark = pytest.mark.above_storage


async def told(wire) -> list[dict]:
    """What it has heard of mentions until now."""
    return [frame for frame in await wire.so_far() if frame["type"] == "mention"]


async def test_who_is_named_is_told_once_and_nobody_else(two, bob):
    one, other, room = two
    posted = await one.post(f"ask @{bob.nickname}", room=room)
    assert await other.expect("mention", room=room) == {"type": "mention", "room": room, "number": 1}
    await one.send(
        "edit", client_id="e", room=room, number=1, sequence=posted["sequence"], body=f"please ask @{bob.nickname}"
    )
    await one.expect("ack", client_id="e")
    assert await told(other) == []
    assert await told(one) == []


async def test_a_message_says_whom_it_names(two, alice, bob):
    one, other, room = two
    await one.post(f"@{bob.nickname}", room=room)
    for wire in (one, other):
        frame = await wire.expect("message", room=room)
        assert frame["message"]["mentions"] == [next(p["id"] for p in [other.hello["you"]])]


async def test_an_edit_tells_those_whom_it_adds(two, bob):
    one, other, room = two
    posted = await one.post("words", room=room)
    await one.send("edit", client_id="e", room=room, number=1, sequence=posted["sequence"], body=f"@{bob.nickname}")
    await other.expect("mention", room=room, number=1)


async def test_everybody_is_told_but_the_writer(two):
    one, other, room = two
    await one.post("@all", room=room)
    await other.expect("mention", room=room, number=1)
    assert await told(one) == []


async def test_the_ack_names_those_who_are_not_in_the_room(two, joins):
    one, _, room = two
    carol = await joins("carol")
    hers = await carol.connect()
    for _ in range(2):  # Sent again, it is answered the same.
        await one.send("post", client_id="c", room=room, body=f"@{carol.nickname} @here")
        ack = await one.expect("ack", client_id="c")
        assert [person["nickname"] for person in ack["absent"]] == [carol.nickname]
        assert "everyone_refused" not in ack
    assert await told(hers) == []


async def test_who_may_not_name_everybody_is_told_so_in_the_ack(two):
    one, other, room = two
    await other.send("post", client_id="c", room=room, body="@all")
    assert (await other.expect("ack", client_id="c"))["everyone_refused"] is True
    assert await told(one) == []


async def test_nothing_of_a_private_room_reaches_somebody_whom_it_names(alice, joins):
    mallory = await joins("mallory")
    hers = await mallory.connect()
    slug = await alice.create_room("Den", "private")
    one = await alice.connect()
    await one.post(f"never tell @{mallory.nickname}", room=one.room(slug))
    heard = [frame for frame in await hers.so_far() if frame["type"] in ("mention", "message", "room")]
    assert heard == []
    [*frames, _] = await mallory.poll()
    assert all("Den" not in str(frame) for frame in frames)


async def test_a_fresh_page_knows_which_unread_messages_name_its_reader(two, bob):
    one, other, room = two
    await one.post(f"@{bob.nickname}", room=room)
    await one.post("@here", room=room)
    await other.expect("mention", number=2)
    again = await bob.connect()
    summary = next(summary for summary in again.hello["rooms"] if summary["id"] == room)
    assert summary["mentioned"] == [1, 2]
    await again.send("read", room=room, number=2)
    await again.expect("read", room=room)
    last = await bob.connect()
    assert all("mentioned" not in summary for summary in last.hello["rooms"])
