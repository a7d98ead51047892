"""Somebody under an open name."""

import pytest

from chat.actions import people
from chat.models import Profile


@pytest.fixture
def robin() -> Profile:
    """An open name that nobody is connected under."""
    return people.join_open("robin", "")
