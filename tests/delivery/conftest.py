"""Clusters that several rows share: each row brings its own people and rooms."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.clusters import Clusters
from tests.delivery.figures import Figures


@pytest.fixture(scope="session")
def clusters() -> Iterator[Clusters]:
    # Not pytest's own folder: the path of a Unix socket must be short.
    with tempfile.TemporaryDirectory(prefix="chatsite-") as folder, Clusters(Path(folder)) as running:
        yield running


@pytest.fixture
def proved():
    """Fails with the flaws, if a row has any."""

    def prove(figures: Figures) -> None:
        assert not figures.flaws, figures.verdict

    return prove
