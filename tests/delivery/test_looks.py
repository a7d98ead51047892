"""Events that are lost, and looks at the database that are old when they are judged by: on one pair of processes."""

import pytest

from tests.delivery import processes, rights
from tests.delivery.scale import SHORT

pytestmark = pytest.mark.proof

FAULTS = "lose_events look_slowly"


async def test_a_lost_event_is_made_up_for_however_busy_the_room_is(clusters, proved):
    proved(await processes.lost_events(clusters.of(2, faults=FAULTS), SHORT))


async def test_who_is_brought_into_a_room_while_it_is_looked_where_they_are_stays_in_it(clusters, proved):
    proved(await rights.brought_in(clusters.of(2, faults=FAULTS), SHORT))
