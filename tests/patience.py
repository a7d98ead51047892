"""How long tests wait for what must come."""

import httpx
from websockets.asyncio.client import connect
from websockets.sync.client import connect as connect_in_thread

PATIENCE = 120
"""Seconds. It only ends a test that would hang: one that passes does not wait for it, however busy the machine is.

A limit that a test is about, such as one of the site's own, is written in that test.
"""


def be_patient() -> None:
    """Where a test names no limit, those of the libraries hold: they become as generous."""
    for step in ("connect", "read", "write", "pool"):
        setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, step, PATIENCE)
    for function in (connect.__init__, connect_in_thread):
        function.__kwdefaults__.update(open_timeout=PATIENCE, ping_timeout=PATIENCE)
