"""Daphne's own options: time limits and the access log."""

import httpx
import pytest

from tests.server.sites import SmallSite, asked
from tests.servers import Site

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(("options", "timeout"), [([], -1), (["--websocket_timeout", "3600"], 3600)])
def test_websockets_end_after_a_time_only_where_that_is_asked_for(tmp_path, options, timeout):
    class Timed(SmallSite):
        @property
        def command(self) -> list[str]:
            return [*super().command, *options]

    site = Timed(tmp_path)
    site.start()
    try:
        assert httpx.get(f"{site.url}/websocket-timeout").json() == timeout
    finally:
        site.kill()


class NamedLogSite(Site):
    @property
    def command(self) -> list[str]:
        return [*super().command, "--access-log", str(self.data_dir / "access.log")]


@pytest.mark.parametrize(("kind", "switch"), [(Site, "on"), (Site, "off"), (NamedLogSite, "off")])
def test_the_access_log_can_be_switched_off_and_one_that_is_named_is_kept(tmp_path, kind, switch):
    site = kind(tmp_path, ACCESS_LOG=switch)
    site.migrate()
    site.start()
    try:
        assert asked(site, "/healthz") == 200
    finally:
        site.stop()
    log = tmp_path / "access.log" if kind is NamedLogSite else site.log
    assert ("GET /healthz" in log.read_text()) is (switch == "on" or kind is NamedLogSite)
