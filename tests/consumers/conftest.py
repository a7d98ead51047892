"""People who have joined a running site."""

import pytest


@pytest.fixture
async def alice(joins):
    return await joins("alice")


@pytest.fixture
async def bob(joins):
    return await joins("bob")
