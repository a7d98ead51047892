"""Open connections when an owner acts."""

import pytest

from tests.clients import Wire
from tests.owner import Owner
from tests.servers import Redis, cluster_of

pytestmark = pytest.mark.above_storage


@pytest.fixture(scope="module")
def owner(site):
    owner = Owner(site)
    yield owner
    owner.http.close()


@pytest.fixture
async def room(joins):
    """Alice and bob, in a private room, and its id and address."""
    alice, bob = await joins("alice"), await joins("bob")
    slug = await alice.create_room(f"Den of {alice.nickname}", "private")
    await alice.submit(f"/rooms/{slug}/members/", nickname=bob.nickname)
    wires = await alice.connect(), await bob.connect()
    return alice, bob, *wires, wires[0].room(slug), slug


async def test_whoever_is_signed_out_is_gone_at_once_on_every_connection(owner, joins):
    alice = await joins("alice")
    wires = [await alice.connect(), await alice.connect()]
    owner.act("profile", "sign_out", owner.person(alice.nickname))
    assert [await wire.close_code() for wire in wires] == [4401, 4401]


async def test_who_is_banned_is_gone_at_once_and_does_not_come_back(owner, joins, site):
    alice = await joins("alice")
    wire = await alice.connect()
    owner.act("profile", "ban_for_a_day", owner.person(alice.nickname))
    assert await wire.close_code() == 4401
    again = await Wire.open(site, {"Cookie": alice.cookie, "Origin": site.url})
    assert await again.close_code() == 4401
    assert (await alice.ask("poll")).status_code == 401
    page = await alice.http.get("/rooms/lobby/")
    assert (page.status_code, "You can&#x27;t use this chat until" in page.text) == (403, True)


async def test_who_is_removed_in_the_admin_hears_nothing_more(owner, room):
    _, bob, of_alice, of_bob, room_id, slug = room
    owner.act("membership", "remove", owner.row("membership", f"{slug} {bob.nickname}"))
    await of_bob.expect("removed", room=room_id)
    await of_alice.post("between us", room=room_id)
    assert not [frame for frame in await of_bob.so_far() if frame["type"] == "message"]


async def test_words_that_are_taken_down_go_from_every_screen(owner, joins):
    alice, bob = await joins("alice"), await joins("bob")
    of_alice, of_bob = await alice.connect(), await bob.connect()
    ack = await of_alice.post(f"bad words of {alice.nickname}", room=of_alice.room("lobby"))
    await of_bob.expect_body(f"bad words of {alice.nickname}")
    owner.act("message", "take_down", owner.row("message", f"bad words of {alice.nickname}"))
    for person, wire in ((alice, of_alice), (bob, of_bob)):
        frame = await wire.expect_body("")
        assert frame["sequence"] > ack["sequence"]
        assert frame["message"]["number"] == ack["number"]
        assert frame["message"]["deleted_at"]
        # A connection that comes back is told the same as history has.
        back = await person.connect({frame["room"]: ack["sequence"]})
        again = await back.expect("message", sequence=frame["sequence"])
        assert again["message"] == frame["message"]
        await wire.send("history", room=frame["room"], before=ack["number"] + 1, limit=1)
        (message,) = (await wire.expect("history"))["messages"]
        assert message == frame["message"] | {"sequence": frame["sequence"]}


async def test_who_is_in_a_room_that_is_deleted_is_told(owner, room):
    *_, of_alice, of_bob, room_id, slug = room
    owner.act("room", "delete_room", owner.row("room", slug))
    for wire in (of_alice, of_bob):
        await wire.expect("removed", room=room_id)


async def test_whoever_is_erased_is_gone_and_their_words_with_them(owner, room):
    _, bob, of_alice, of_bob, room_id, _ = room
    for number in range(3):
        await of_bob.post(f"words {number}", room=room_id)
        await of_alice.expect_body(f"words {number}")
    owner.act("profile", "erase", owner.person(bob.nickname))
    assert await of_bob.close_code() == 4401
    person = (await of_alice.expect("renamed", room=room_id))["person"]
    assert person["nickname"] != bob.nickname
    for _ in range(3):
        frame = await of_alice.expect_body("")
        assert (frame["message"]["sender"], bool(frame["message"]["deleted_at"])) == (person, True)


async def test_a_freed_nickname_is_another_one_on_every_screen(owner, joins, site):
    alice, bob = await joins("alice"), await joins("bob")
    of_alice = await alice.connect()
    await bob.say({"type": "post", "client_id": "1", "body": "hi", "to": alice.nickname})
    direct = (await of_alice.expect("message"))["room"]
    row = owner.person(bob.nickname)
    site.manage("shell", "-c", f"from chat.models import Lease; Lease.objects.filter(profile_id={row}).delete()")
    owner.act("profile", "free_nickname", row)
    assert (await of_alice.expect("renamed", room=direct))["person"]["nickname"] == f"{bob.nickname} left"
    titles = [(await of_alice.expect("room"))["room"]["title"] for _ in range(2)]
    assert titles == [bob.nickname, f"{bob.nickname} left"]


async def test_who_is_not_active_any_more_is_gone_at_once(owner, joins):
    """By the project's own page for its users, which knows nothing of the chat."""
    alice = await joins("alice")
    wire = await alice.connect()
    row = owner.person(alice.nickname)
    fields = {"username": f"somebody-{row}", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    owner.submit(f"/admin/auth/user/{row}/change/", **fields)
    assert await wire.close_code() == 4401


async def test_the_projects_page_for_users_does_not_delete_people(owner, joins):
    alice = await joins("alice")
    wire = await alice.connect()
    address = f"/admin/auth/user/{owner.person(alice.nickname)}/delete/"
    assert owner.http.post(address, data={"post": "yes", "csrfmiddlewaretoken": owner.token}).status_code == 403
    await wire.post("still here", room=wire.room("lobby"))


async def test_with_redis_a_command_acts_at_once(tmp_path, joins_at):
    with Redis() as redis, cluster_of(tmp_path, 1, redis=redis) as cluster:
        alice = await joins_at("alice", cluster.sites[0])
        wire = await alice.connect()
        assert "50 s" not in cluster.manage("signout", alice.nickname)
        assert await wire.close_code() == 4401
