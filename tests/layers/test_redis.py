"""The channel layer between processes, on a real Redis that comes and goes. Each layer here stands for a process."""

import asyncio
import contextlib
import time

import pytest
from channels.exceptions import ChannelFull

from chat.layers import line, queues
from chat.layers import redis as redis_layer
from chat.layers.redis import RedisChannelLayer
from chatsite import environment
from tests.layers.waits import Clock
from tests.proxies import TlsDoor
from tests.servers import Redis, least_rights, wait_for
from tests.tools import until

PATIENCE = 15


@pytest.fixture
async def process(redis):
    """Makes a process: `await process()` gives its channel layer, up and listening."""
    layers = []

    async def make(host=None, **options):
        layer = RedisChannelLayer(hosts=[{"address": redis.url, **(host or {})}], **options)
        layers.append(layer)
        await layer.new_channel()
        await until(lambda: layer.is_whole)
        return layer

    yield make
    for layer in layers:
        await layer.flush()


async def received(layer, channel):
    async with asyncio.timeout(PATIENCE):
        return await layer.receive(channel)


async def heard_by(layer, group):
    """A channel in the group, and what its sink gets."""
    channel, heard = await layer.new_channel(), []
    layer.attach(channel, heard.append)
    await layer.group_add(group, channel)
    return channel, heard


async def test_a_message_reaches_a_channel_of_another_process(process):
    one, other = await process(), await process()
    channel = await other.new_channel()
    await one.send(channel, {"type": "test", "text": "聊天", "bytes": b"\x00"})
    assert await received(other, channel) == {"type": "test", "text": "聊天", "bytes": b"\x00"}


async def test_messages_to_one_channel_keep_their_order(process):
    one, other = await process(), await process()
    channel = await other.new_channel()
    for number in range(50):
        await one.send(channel, {"type": "test", "number": number})
    assert [(await received(other, channel))["number"] for _ in range(50)] == list(range(50))


@pytest.mark.parametrize(
    "host", [{"health_check_interval": 0.001}, {"socket_timeout": 0.001}, {"protocol": 2}, {"protocol": 3}]
)
async def test_options_of_the_client_do_not_come_between_the_layer_and_its_line(process, host):
    one, other = await process(host=host), await process()
    for number in range(5):
        _, heard = await heard_by(one, f"group-{number}")
        await other.group_send(f"group-{number}", {"type": "test", "number": number})
        await until(lambda heard=heard: heard)
    assert one.is_whole


async def test_redis_is_reached_through_tls_by_a_user_who_may_do_nothing_else(redis, certificate):
    redis.command(*least_rights("chatsite", "p:w/d"))
    async with TlsDoor(certificate, redis) as door:
        address = f"rediss://chatsite:p%3Aw%2Fd@127.0.0.1:{door.port}/0?ssl_ca_certs={certificate}"
        one, other = (RedisChannelLayer(hosts=environment.redis(address)) for _ in range(2))
        _, here = await heard_by(one, "group")
        _, there = await heard_by(other, "group")
        large = "x" * 1_000_000
        for number in range(20):
            await one.group_send("group", {"type": "test", "number": number, "text": large})
        await until(lambda: len(there) == 20)
        assert [event["number"] for event in there] == list(range(20))
        assert all(event["text"] == large for event in there)
        redis.command("CLIENT", "KILL", "USER", "chatsite")
        await until(lambda: not one.is_whole and not other.is_whole)
        await until(lambda: one.is_whole and other.is_whole)
        await other.group_send("group", {"type": "test", "number": 20})
        await until(lambda: here[-1]["number"] == 20)
        for layer in (one, other):
            await layer.flush()


async def test_a_certificate_that_nobody_vouches_for_is_refused(redis, certificate, caplog):
    async with TlsDoor(certificate, redis) as door:
        layer = RedisChannelLayer(hosts=environment.redis(f"rediss://127.0.0.1:{door.port}/0"))
        await layer.new_channel()
        await until(lambda: "certificate" in caplog.text)
        assert not layer.is_whole
        await layer.flush()


async def test_a_general_channel_reaches_each_process_that_receives_on_it(process):
    one, other = await process(), await process()
    waiting = [asyncio.create_task(received(layer, "worker")) for layer in (one, other)]
    await until(lambda: all("worker" in layer._receivers for layer in (one, other)))
    for layer in (one, other):
        await layer._shard("worker").subscribe(layer._topic("worker"))
    await one.send("worker", {"type": "test"})
    assert await asyncio.gather(*waiting) == [{"type": "test"}] * 2


async def test_a_group_reaches_its_members_in_all_processes_and_nobody_else(process):
    one, other = await process(), await process()
    (_, here), (_, there), (_, elsewhere) = (
        await heard_by(one, "room.1"),
        await heard_by(other, "room.1"),
        await heard_by(other, "room.2"),
    )
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: here and there)
    await one.group_send("room.2", {"type": "last"})
    await until(lambda: elsewhere)
    assert (here, there, elsewhere) == ([{"type": "test"}], [{"type": "test"}], [{"type": "last"}])


async def test_a_process_subscribes_once_and_decodes_once_however_many_listen(process, redis, monkeypatch):
    one, other = await process(), await process()
    members = [await heard_by(other, "room.1") for _ in range(20)]
    decoded = []
    deserialize = other._serializer.deserialize
    monkeypatch.setattr(other._serializer, "deserialize", lambda data: decoded.append(1) or deserialize(data))
    assert redis.command("PUBSUB", "NUMSUB", "chatsite__group__room.1")[1] == 1
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: all(heard for _, heard in members))
    assert len(decoded) == 1


async def test_a_process_hands_its_own_event_out_at_once_and_once(process, redis):
    one, other = await process(), await process()
    _, here = await heard_by(one, "group")
    _, there = await heard_by(other, "group")
    redis.pause()
    try:
        sending = asyncio.create_task(one.group_send("group", {"type": "test", "number": 1}))
        await until(lambda: here)
        assert not there
    finally:
        redis.resume()
    await sending
    await until(lambda: there)
    await other.group_send("group", {"type": "test", "number": 2})
    await until(lambda: len(here) == 2 and len(there) == 2)
    assert here == there == [{"type": "test", "number": 1}, {"type": "test", "number": 2}]


async def test_a_loop_that_does_not_hear_tells_its_process_by_redis(process):
    layer = await process()
    _, heard = await heard_by(layer, "group")
    await asyncio.to_thread(asyncio.run, layer.group_send("group", {"type": "test"}))
    await until(lambda: heard)
    assert heard == [{"type": "test"}]


async def test_what_comes_while_a_process_is_about_to_send_leaves_with_that_and_before_it(process, monkeypatch):
    monkeypatch.setattr(redis_layer, "BUFFER_SECONDS", 3600)
    one, other = await process(), await process()
    _, heard = await heard_by(one, "group")
    channel = await one.new_channel()
    with one.buffering():
        await other.group_send("group", {"type": "test", "number": 1})
        await other.send(channel, {"type": "test"})
        await received(one, channel)  # On the same line, behind the event.
        assert not heard
        await one.group_send("group", {"type": "test", "number": 2})
        assert [event["number"] for event in heard] == [1, 2]
        await other.group_send("group", {"type": "test", "number": 3})
        await other.send(channel, {"type": "test"})
        await received(one, channel)
        assert len(heard) == 2
    assert [event["number"] for event in heard] == [1, 2, 3]


async def test_what_is_held_is_never_handed_out_from_another_loop(process, monkeypatch):
    monkeypatch.setattr(redis_layer, "BUFFER_SECONDS", 3600)
    one, other = await process(), await process()
    _, heard = await heard_by(one, "group")
    channel = await one.new_channel()
    with one.buffering():
        await other.group_send("group", {"type": "test"})
        await other.send(channel, {"type": "test"})
        await received(one, channel)
        await asyncio.to_thread(asyncio.run, one.group_send("elsewhere", {"type": "test"}))
        assert not heard
    assert heard == [{"type": "test"}]


async def test_nothing_waits_for_long_for_a_process_that_is_about_to_send(process):
    one, other = await process(), await process()
    _, heard = await heard_by(one, "group")
    with one.buffering():
        await other.group_send("group", {"type": "test", "number": 1})
        await until(lambda: heard)


async def test_who_has_left_a_group_hears_no_more_of_it(process, redis):
    one, other = await process(), await process()
    (stays, kept), (leaves, lost) = await heard_by(other, "room.1"), await heard_by(other, "room.1")
    await other.group_discard("room.1", leaves)
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: kept)
    assert lost == []
    await other.group_discard("room.1", stays)
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsite__group__room.1")[1] == 0)


async def test_joining_and_leaving_in_a_hurry_ends_as_the_last_word_says(process):
    one, other = await process(), await process()
    channel, heard = await heard_by(other, "room.1")
    for _ in range(20):
        await asyncio.gather(other.group_discard("room.1", channel), other.group_add("room.1", channel))
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: heard)


async def test_groups_that_are_joined_while_the_line_is_being_opened_are_heard(process, redis):
    one = await process()
    cold = RedisChannelLayer(hosts=[redis.url])
    joined = await asyncio.gather(*(heard_by(cold, f"room.{number}") for number in range(10)))
    for number in range(10):
        await one.group_send(f"room.{number}", {"type": "test"})
    await until(lambda: all(heard for _, heard in joined))
    await cold.flush()


async def test_what_a_full_channel_cannot_take_is_dropped_and_the_sender_here_is_told(process):
    layer = await process(capacity=3)
    channel = await layer.new_channel()
    for _ in range(3):
        await layer.send(channel, {"type": "test"})
    with pytest.raises(ChannelFull):
        await layer.send(channel, {"type": "test"})


async def test_what_comes_for_a_channel_that_was_never_made_is_not_kept(process):
    one, other = await process(), await process()
    channel = await other.new_channel()
    for name in (f"{other.process}1000000", f"{other.process}x", f"{other.process}"):
        await one.send(name, {"type": "test"})
    await one.send(channel, {"type": "last"})
    await until(lambda: channel in other._queues._messages)
    assert list(other._queues._messages) == [channel]


async def test_a_general_channel_that_nobody_receives_on_any_more_is_not_heard_of(process, redis, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(queues, "monotonic", clock)
    one, other = await process(), await process()
    receiving = asyncio.create_task(received(other, "worker"))
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsiteworker")[1] == 1)
    for _ in range(2):
        await one.send("worker", {"type": "test"})
    await receiving
    await until(lambda: "worker" in other._queues._messages)
    clock.pass_by(61)
    await other.send(await other.new_channel(), {"type": "test"})
    assert "worker" not in other._queues._messages
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsiteworker")[1] == 0)


async def test_that_a_channel_is_full_is_logged_once(process, caplog):
    one, other = await process(), await process(capacity=3)
    channel, later = await other.new_channel(), await other.new_channel()
    for _ in range(6):
        await one.send(channel, {"type": "test"})
    await one.send(later, {"type": "test"})
    await received(other, later)
    assert caplog.text.count(f"Messages for {channel} are dropped") == 1


async def test_sites_that_share_a_redis_hear_nothing_of_one_another(process):
    one, other = await process(), await process(prefix="another-site")
    _, here = await heard_by(one, "room.1")
    _, there = await heard_by(other, "room.1")
    for layer in (one, other):
        await layer.group_send("room.1", {"type": layer.prefix})
    await until(lambda: here and there)
    for layer in (one, other):  # Behind those, on the same line.
        channel = await layer.new_channel()
        await layer._publish(layer.process, {"type": "last", "__asgi_channel__": channel})
        await received(layer, channel)
    assert (here, there) == ([{"type": "chatsite"}], [{"type": "another-site"}])


@pytest.mark.parametrize("name", ["with space", "聊天", "x" * 101, "", 7])
async def test_names_that_are_none_are_refused(process, name):
    layer = await process()
    for call in (
        layer.send(name, {"type": "x"}),
        layer.group_send(name, {"type": "x"}),
        layer.group_add(name, await layer.new_channel()),
        layer.group_discard(name, await layer.new_channel()),
    ):
        with pytest.raises(TypeError):
            await call


async def test_flush_forgets_and_the_layer_can_be_used_again(process):
    layer = await process()
    _, heard = await heard_by(layer, "room.1")
    await layer.flush()
    await layer.group_send("room.1", {"type": "lost"})
    _, again = await heard_by(layer, "room.1")
    await until(lambda: layer.is_whole)
    await layer.group_send("room.1", {"type": "test"})
    await until(lambda: again)
    assert heard == []


async def test_events_encrypted_by_the_sites_key_are_read_by_those_who_have_it(process):
    one = await process(symmetric_encryption_keys=["key of all"])
    other = await process(symmetric_encryption_keys=["key of all"])
    _, heard = await heard_by(other, "room.1")
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: heard)


@pytest.fixture
def sentinel(tmp_path):
    """A master with a replica, watched by a Sentinel: the Sentinel's port, and the master."""
    master = Redis()
    replica = Redis("--replicaof", "127.0.0.1", str(master.port), "--repl-diskless-sync-delay", "0")
    watch = tmp_path / "sentinel.conf"
    watch.write_text(
        f"sentinel monitor chat 127.0.0.1 {master.port} 1\n"
        "sentinel down-after-milliseconds chat 500\nsentinel failover-timeout chat 2000\n"
    )
    watcher = Redis(config=watch)
    with contextlib.ExitStack() as running:
        for server in (master, replica, watcher):
            server.start()
            running.callback(server.stop)
        wait_for(lambda: master.command("INFO", "replication")["connected_slaves"] == 1, "The replica")
        yield watcher, master


async def test_a_sentinel_names_the_master_and_then_its_successor(sentinel):
    watcher, master = sentinel
    hosts = [{"sentinels": [("127.0.0.1", watcher.port)], "master_name": "chat"}]
    one, other = RedisChannelLayer(hosts=hosts), RedisChannelLayer(hosts=hosts)
    _, heard = await heard_by(other, "room.1")
    await one.new_channel()
    await until(lambda: one.is_whole and other.is_whole)
    await one.group_send("room.1", {"type": "before"})
    await until(lambda: heard == [{"type": "before"}])
    await until(lambda: len(watcher.command("SENTINEL", "REPLICAS", "chat")) == 1)
    master.kill()
    await until(lambda: not one.is_whole and not other.is_whole)
    await until(lambda: one.is_whole and other.is_whole)
    await one.group_send("room.1", {"type": "after"})
    await until(lambda: heard[-1] == {"type": "after"})
    for layer in (one, other):
        await layer.flush()


async def test_several_shards_share_the_groups(process, redis):
    second = Redis()
    second.start()
    try:
        one, other = (RedisChannelLayer(hosts=[redis.url, second.url]) for _ in range(2))
        members = [await heard_by(other, f"room.{number}") for number in range(20)]
        await until(lambda: other.is_whole or len({other._shard(f"room.{n}") for n in range(20)}) < 2)
        for number in range(20):
            await one.group_send(f"room.{number}", {"type": "test"})
        await until(lambda: all(heard for _, heard in members))
        assert len({other._shard(f"room.{number}") for number in range(20)}) == 2
        await one.flush()
        await other.flush()
    finally:
        second.stop()


class TestWhenRedisGoes:
    @pytest.fixture
    def redis(self):
        """One of its own, because it is treated badly."""
        server = Redis()
        server.start()
        yield server
        server.stop()

    @pytest.fixture
    async def two(self, process):
        """Two processes, what the other one's member hears, and how often the other one had its doubts."""
        one, other = await process(), await process()
        _, here = await heard_by(one, "room.1")
        _, there = await heard_by(other, "room.1")
        doubts = []
        other.when_in_doubt(lambda: doubts.append(1))
        return one, other, here, there, doubts

    @staticmethod
    async def assert_connected(one, there):
        there.clear()
        async with asyncio.timeout(PATIENCE):
            while not there:
                await one.group_send("room.1", {"type": "probe"})
                await asyncio.sleep(0.05)

    async def test_those_here_hear_at_once_and_those_elsewhere_again_when_it_is_back(self, two, redis):
        one, other, here, there, doubts = two
        redis.kill()
        await until(lambda: not one.is_whole and not other.is_whole)
        await one.group_send("room.1", {"type": "dark"})
        assert here == [{"type": "dark"}]
        redis.start()
        await until(lambda: one.is_whole and other.is_whole)
        assert doubts
        await self.assert_connected(one, there)

    async def test_nobody_waits_long_for_a_redis_that_does_not_answer(self, two, redis):
        one, other, here, _, doubts = two
        redis.pause()
        async with asyncio.timeout(line.ANSWER_SECONDS + 1):
            await one.group_send("room.1", {"type": "dark"})
        assert here == [{"type": "dark"}]
        await until(lambda: not one.is_whole and not other.is_whole)
        redis.resume()
        await until(lambda: one.is_whole and other.is_whole)
        assert doubts

    async def test_however_much_there_is_to_say_nobody_waits_long_for_it_either(self, two, redis):
        one, *_ = two
        redis.pause()
        async with asyncio.timeout(2 * line.ANSWER_SECONDS + 2):
            while one.is_whole:
                await one.group_send("room.1", {"type": "dark", "text": "x" * 100_000})
                await asyncio.sleep(0)
        redis.resume()
        await until(lambda: one.is_whole)

    async def test_a_process_that_may_not_speak_does_not_count_as_connected(self, two, redis):
        one, *_ = two
        redis.command("ACL", "SETUSER", "default", "-publish")
        await until(lambda: not one.is_whole)
        redis.command("ACL", "SETUSER", "default", "+publish")
        await until(lambda: one.is_whole)

    async def test_a_line_that_is_cut_is_made_anew(self, two, redis):
        one, other, _, there, doubts = two
        for times in range(1, 4):
            redis.command("CLIENT", "KILL", "TYPE", "pubsub")
            await until(lambda times=times: len(doubts) >= times and other.is_whole)
        await self.assert_connected(one, there)

    async def test_flushall_changes_nothing(self, two, redis):
        one, _, _, there, doubts = two
        redis.command("FLUSHALL")
        await self.assert_connected(one, there)
        assert not doubts

    async def test_a_group_joined_while_it_is_away_is_heard_when_it_is_back(self, two, redis):
        one, other, *_ = two
        redis.kill()
        await until(lambda: not other.is_whole)
        _, late = await heard_by(other, "room.1")
        redis.start()
        await until(lambda: one.is_whole and other.is_whole)
        await self.assert_connected(one, late)


async def test_a_worker_that_is_busy_between_messages_gets_them_all(process):
    one, other = await process(), await process()
    got = []

    async def work():
        while True:
            got.append((await other.receive("worker"))["number"])
            await asyncio.sleep(0.01)

    working = asyncio.create_task(work())
    await until(lambda: other._receivers["worker"])
    await other._shard("worker").subscribe(other._topic("worker"))
    for number in range(50):
        await one.send("worker", {"type": "t", "number": number})
        await asyncio.sleep(0.003)
    await until(lambda: len(got) == 50)
    assert got == list(range(50))
    working.cancel()


async def test_a_line_from_which_much_comes_is_not_given_up_for_an_answer_far_down_in_it(process, redis, monkeypatch):
    monkeypatch.setattr(line, "ANSWER_SECONDS", 0.2)
    layer = await process()
    channel, heard, doubts = await layer.new_channel(), [], []

    def take_long(message):
        heard.append(message)
        time.sleep(0.01)

    layer.attach(channel, take_long)
    await layer.group_add("lively", channel)
    layer.when_in_doubt(lambda: doubts.append(len(heard)))
    event = layer._serializer.serialize({"type": "t", "text": "x" * 4000})
    for _ in range(200):
        redis.command("PUBLISH", layer._group_topic("lively"), event)
    await layer.group_send("elsewhere", {"type": "t"})
    await until(lambda: len(heard) == 200)
    assert doubts == []
