"""A full disk is no reason to promise what is not kept."""

import pytest

from tests.delivery import storage
from tests.delivery.scale import SHORT


@pytest.mark.proof
@pytest.mark.skipif(not storage.may_mount(), reason="only root may make a small disk to fill")
async def test_a_full_disk_acknowledges_nothing_and_recovers(proved):
    proved(await storage.disk_full(SHORT))
