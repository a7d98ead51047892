"""Sites of tests of the server, and what they are asked."""

import httpx

from tests.clients import PATIENCE
from tests.servers import Site


class SmallSite(Site):
    application = "tests.small_application:application"


def asked(site, path: str, cookie: str = "") -> int:
    """The status of an answer, on a connection of its own."""
    with httpx.Client(timeout=PATIENCE, headers={"Cookie": cookie}) as http:
        return http.get(f"{site.url}{path}").status_code
