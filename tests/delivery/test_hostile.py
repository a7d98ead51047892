"""No client makes the server's memory grow without bound, and none spoils it for the others."""

from dataclasses import replace

import pytest

from tests.delivery import hostile
from tests.delivery.scale import SHORT

pytestmark = pytest.mark.proof


async def test_who_does_not_read_is_cut_and_costs_little(clusters, proved):
    proved(await hostile.slow_readers(clusters.of(1, database="sqlite", redis=False), SHORT))


async def test_who_floods_is_slowed_and_then_shown_the_door(clusters, proved):
    scale = replace(SHORT, people=20)
    proved(await hostile.flood(clusters.of(1, database="sqlite", redis=False, limits="frames"), scale))


async def test_a_gigabyte_is_refused_before_it_is_read(clusters, proved):
    proved(await hostile.big_bodies(clusters.of(1, database="sqlite", redis=False), SHORT))
