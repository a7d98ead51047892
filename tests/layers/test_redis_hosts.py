"""How a Redis is reached, or several: options, TLS, keys, a prefix, a Sentinel and shards."""

import asyncio
import contextlib

import pytest

from chat.layers.redis import RedisChannelLayer
from chatsite import environment
from tests.layers.processes import heard_by, received
from tests.proxies import TlsDoor
from tests.servers import Redis, least_rights, wait_for
from tests.tools import until


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


async def test_sites_that_share_a_redis_hear_nothing_of_one_another(process, redis):
    one, other = await process(), await process(prefix="another-site")
    _, here = await heard_by(one, "room.1")
    _, there = await heard_by(other, "room.1")
    for layer in (one, other):
        await layer.group_send("room.1", {"type": layer.prefix})
    await until(lambda: here and there)
    for layer in (one, other):  # Behind those, on the same line.
        receiving = asyncio.create_task(received(layer, "last"))
        await until(lambda topic=f"{layer.prefix}last": redis.command("PUBSUB", "NUMSUB", topic)[1] == 1)
        await layer.send("last", {"type": "last"})
        await receiving
    assert (here, there) == ([{"type": "chatsite"}], [{"type": "another-site"}])


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
            running.enter_context(server)
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
    with Redis() as second:
        one, other = (RedisChannelLayer(hosts=[redis.url, second.url]) for _ in range(2))
        members = [await heard_by(other, f"room.{number}") for number in range(20)]
        await until(lambda: other.is_whole)
        for number in range(20):
            await one.group_send(f"room.{number}", {"type": "test"})
        await until(lambda: all(heard for _, heard in members))
        assert all(server.command("PUBSUB", "CHANNELS", "chatsite__group__*") for server in (redis, second))
        await one.flush()
        await other.flush()
