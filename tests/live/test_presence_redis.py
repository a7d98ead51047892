"""Presence across the processes of one site."""

from tests.clients import Person, names
from tests.servers import Cluster, Redis


async def test_who_comes_while_redis_is_away_is_shown_when_it_is_back(tmp_path):
    redis = Redis()
    redis.start()
    cluster = Cluster(tmp_path / "site", 2, redis=redis)
    cluster.migrate()
    cluster.start()
    one, two = cluster.sites
    try:
        alice, bob = await Person.join(one, "alice"), await Person.join(two, "bob")
        seeing = await bob.connect()
        assert names((await seeing.expect("presence", count=1))["here"]) == ["bob"]
        redis.kill()
        await alice.connect()
        redis.start()
        assert names((await seeing.expect("presence", count=2))["here"]) == ["alice", "bob"]
        await alice.close()
        await bob.close()
    finally:
        cluster.stop()
        redis.stop()
