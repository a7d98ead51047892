"""Of all who speak under one open name, one connection at a time."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from tests.patience import PATIENCE
from tests.servers import NO_LIMITS, cluster_of, daphne, database_of_its_own

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def processes(tmp_path_factory, redis):
    """Two processes of one site."""
    database = database_of_its_own().get("DATABASE_URL", "")
    with cluster_of(tmp_path_factory.mktemp("two"), 2, redis, database, **NO_LIMITS) as cluster:
        yield cluster


async def test_a_newcomer_takes_over_and_the_older_one_is_told_and_closed(programs):
    older, wren = await programs("robin"), await programs("wren")
    newer = await programs(older.name.upper(), exactly=True)
    assert await older.ended() == ("Somebody else has connected under this nickname, so this connection ends.", 4409)
    await wren.tell(older.name, "which one?")
    assert await newer.hear_of(wren.name) == "which one?"
    await newer.say("the newer one")
    assert await wren.hear_of(older.name) == "the newer one"


async def test_a_newcomer_takes_over_from_another_process(processes, programs):
    one, other = processes.sites
    older, wren = await programs("robin", one), await programs("wren", one)
    newer = await programs(older.name, other, exactly=True)
    assert (await older.ended())[1] == 4409
    await wren.tell(older.name, "hi")
    assert await newer.hear_of(wren.name) == "hi"


async def test_of_many_who_come_at_once_exactly_one_stays(processes, programs):
    witness = await programs("witness", processes.sites[0])
    for round_ in range(5):
        name = f"robin-of-round-{round_}"
        crowd = await asyncio.gather(*(programs(name, processes.next_door(), exactly=True) for _ in range(6)))
        endings = [asyncio.create_task(program.ended()) for program in crowd]
        async with asyncio.timeout(PATIENCE):
            while sum(ending.done() for ending in endings) < 5:
                await asyncio.wait([ending for ending in endings if not ending.done()], return_when="FIRST_COMPLETED")
        (survivor,) = (ending for ending in endings if not ending.done())
        survivor.cancel()
        await asyncio.wait([survivor])
        assert {ending.result()[1] for ending in endings if ending is not survivor} == {4409}
        await witness.tell(name, "who is it?")
        assert await crowd[endings.index(survivor)].hear_of(witness.name) == "who is it?"


async def test_a_takeover_that_was_not_heard_is_found_when_redis_is_back(processes, redis, programs):
    one, other = processes.sites
    older = await programs("robin", one)
    redis.kill()
    try:
        newer = await programs(older.name, other, exactly=True)
    finally:
        redis.start()
    assert (await older.ended())[1] == 4409
    assert await newer.so_far() == []


@pytest.mark.proof
async def test_a_handshake_waits_for_a_busy_database(tmp_path, programs):
    """As long as a write may: after 5 s it would be told to come back later."""
    with daphne(tmp_path, DATABASE_URL="", **NO_LIMITS) as site:
        with closing(sqlite3.connect(tmp_path / "chatsite.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            coming = asyncio.create_task(programs("robin", site))
            done, _ = await asyncio.wait([coming], timeout=3)
            assert not done
            other.execute("ROLLBACK")
        assert await (await coming).so_far() == []
