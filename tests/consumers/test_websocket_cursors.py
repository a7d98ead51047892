"""Coming back to a WebSocket: cursors, what was missed, and history."""

import asyncio

import pytest

pytestmark = pytest.mark.above_storage


async def test_what_was_missed_comes_after_the_cursors_of_the_next_connection(two, bob):
    one, other, room = two
    await one.post("before", room=room)
    await other.expect_body("before")
    await other.close()
    for number in range(3):
        await one.post(f"missed {number}", room=room)
    back = await bob.connect({room: 1})
    assert [(await back.expect("message"))["sequence"] for _ in range(3)] == [2, 3, 4]
    assert back.synced == {str(room): 4}


async def test_a_long_absence_is_replayed_to_its_end(two, bob):
    one, other, room = two
    await other.close()
    for number in range(450):
        await one.send("post", room=room, body=str(number), client_id=f"{room}-{number}")
    await one.expect("ack", client_id=f"{room}-449")
    back = await bob.connect({room: 0})
    assert [(await back.expect("message"))["sequence"] for _ in range(450)] == list(range(1, 451))
    assert back.synced == {str(room): 450}


async def test_who_comes_back_again_and_again_to_a_lively_room_is_given_all_of_it_once_and_in_order(two, bob):
    one, _, room = two

    async def talk():
        for number in range(200):
            await one.post(str(number), room=room)

    async def come_and_go():
        seen = [0]
        while seen[-1] < 200:
            back = await bob.connect({room: seen[-1]})
            for _ in range(3):
                frame = await back.expect("message")
                assert frame["after"] == seen[-1]
                seen.append(frame["sequence"])
                if seen[-1] == 200:
                    break
            await back.close()
        return seen

    _, seen = await asyncio.gather(talk(), come_and_go())
    assert seen == list(range(201))


async def test_a_cursor_from_the_future_is_reset(two, bob):
    *_, room = two
    back = await bob.connect({room: 99})
    await back.expect("reset", room=room)
    assert back.synced == {str(room): 0}


async def test_a_thread_comes_by_the_number_of_any_of_its_messages(two):
    one, other, room = two
    for reply_to in (None, None, 1, 3, 2):
        await one.post("words", room=room, reply_to=reply_to)
    await other.send("history", room=room, thread=3)
    page = await other.expect("history")
    assert [message["number"] for message in page["messages"]] == [1, 3, 4]
    assert [message.get("thread") for message in page["messages"]] == [None, 1, 1]
    assert (page["thread"], page["more"]) == (1, False)
    await other.send("history", room=room, thread=1, before=4, limit=1)
    page = await other.expect("history")
    assert ([message["number"] for message in page["messages"]], page["more"]) == ([3], True)


@pytest.mark.parametrize(("whose", "number", "code"), [("theirs", 1, "not_a_member"), ("own", 99, "no_such_message")])
async def test_a_thread_that_one_may_not_see_or_that_is_not_there_is_refused(two, whose, number, code):
    _, other, own = two
    await other.send("history", room=own if whose == "own" else 10**9, thread=number)
    assert (await other.expect("error"))["code"] == code


async def test_history_comes_in_pages_in_ascending_numbers(two):
    one, other, room = two
    for number in range(1, 8):
        await one.post(str(number), room=room)
    await other.send("history", room=room, before=6, limit=3)
    page = await other.expect("history")
    assert [message["number"] for message in page["messages"]] == [3, 4, 5]
    assert page["more"]
    assert all(message["sequence"] == message["number"] for message in page["messages"])
    await other.send("history", room=room, before=3)
    page = await other.expect("history")
    assert ([message["number"] for message in page["messages"]], page["more"]) == ([1, 2], False)
