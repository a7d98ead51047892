"""Who is not in a room gets nothing of it."""

from tests.delivery import rights
from tests.delivery.scale import SHORT


async def test_no_canary_leaves_its_private_room(clusters, proved):
    proved(await rights.canaries(clusters.of(), SHORT))


async def test_who_is_brought_into_a_room_while_it_is_looked_where_they_are_stays_in_it(clusters, proved):
    proved(await rights.brought_in(clusters.of(faults="look_slowly"), SHORT))
