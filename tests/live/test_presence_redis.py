"""Presence across the processes of one site."""

import pytest

from tests.clients import names
from tests.servers import Redis, cluster_of


@pytest.mark.proof
async def test_who_comes_while_redis_is_away_is_shown_when_it_is_back(tmp_path, joins_at):
    with Redis() as redis, cluster_of(tmp_path / "site", 2, redis=redis) as cluster:
        one, two = cluster.sites
        alice, bob = await joins_at("alice", one), await joins_at("bob", two)
        seeing = await bob.connect()
        assert names((await seeing.expect("presence", count=1))["here"]) == [bob.nickname]
        redis.kill()
        await alice.connect()
        redis.start()
        assert names((await seeing.expect("presence", count=2))["here"]) == [alice.nickname, bob.nickname]
