"""Layers that tests have to themselves."""

import pytest

from chat.layers import queues
from chat.layers.local import LocalChannelLayer
from tests.layers.waits import Clock


@pytest.fixture
def layer():
    return LocalChannelLayer(capacity=3)


@pytest.fixture
def clock(monkeypatch):
    """The time by which messages expire."""
    clock = Clock()
    monkeypatch.setattr(queues, "monotonic", clock)
    return clock
