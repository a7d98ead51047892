"""An environment that says only what a test wants."""

import pytest

from chatsite import environment


@pytest.fixture
def said(monkeypatch):
    """What the environment says: nothing, but for what the test gives it."""
    for variable in environment.VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    return monkeypatch.setenv
