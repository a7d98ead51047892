"""A line that goes dead without a word."""

import pytest

from tests.delivery import lines
from tests.delivery.scale import SHORT


@pytest.mark.proof
async def test_who_has_fallen_silent_is_dropped_and_misses_nothing_when_back(clusters, proved):
    proved(await lines.half_open(clusters.of(1, database="sqlite", redis=False), SHORT))
