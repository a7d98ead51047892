"""A Redis that goes, hangs, cuts its lines or comes back, and a line that is only busy."""

import asyncio
import time

import pytest
from channels_redis.serializers import registry

from chat.layers import line
from tests.layers.processes import heard_by
from tests.patience import PATIENCE
from tests.servers import Redis
from tests.tools import until


class TestWhenRedisGoes:
    @pytest.fixture
    def redis(self):
        """One of its own, because it is treated badly."""
        with Redis() as server:
            yield server

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
    event = registry.get_serializer("msgpack").serialize({"type": "t", "text": "x" * 4000})
    for _ in range(200):
        redis.command("PUBLISH", "chatsite__group__lively", event)
    await layer.group_send("elsewhere", {"type": "t"})
    await until(lambda: len(heard) == 200)
    assert doubts == []
