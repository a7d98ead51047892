"""An environment that says only what a test wants."""

import pytest

from chatsite import environment


@pytest.fixture
def said(monkeypatch):
    """An environment with nothing but the test's own variables."""
    for variable in environment.VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    return monkeypatch.setenv
