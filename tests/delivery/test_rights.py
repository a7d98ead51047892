"""People who are not in a room get nothing of it."""

import pytest

from tests.delivery import rights
from tests.delivery.scale import SHORT


@pytest.mark.proof
async def test_no_canary_leaves_its_private_room(clusters, proved):
    proved(await rights.canaries(clusters.of(), SHORT))
