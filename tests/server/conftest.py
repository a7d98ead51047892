"""Lines to sites, and sites that are treated badly."""

from collections.abc import Iterator

import pytest

from tests.server.by_hand import Line, line_to
from tests.server.sites import LaxSite
from tests.servers import NO_LIMITS, Site, daphne


@pytest.fixture
def line(site) -> Iterator[Line]:
    with line_to(site) as opened:
        yield opened


@pytest.fixture
def echo(line) -> Line:
    """A line that has been upgraded, to the address that says back what it hears."""
    assert line.ask("/ws")[0] == 101
    return line


@pytest.fixture(scope="module")
def small_site(tmp_path_factory) -> Iterator[Site]:
    site = LaxSite(tmp_path_factory.mktemp("small"))
    site.start()
    yield site
    site.kill()


@pytest.fixture
def small_line(small_site) -> Iterator[Line]:
    with line_to(small_site) as opened:
        yield opened


@pytest.fixture
def own_site(tmp_path):
    """A site of the test's own, because it is treated badly."""
    with daphne(tmp_path, **NO_LIMITS) as site:
        yield site
