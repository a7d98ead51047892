"""A site that is not at the root of its host, behind a proxy that passes the prefix on and one that takes it away."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.chatsite.papers import serving
from tests.ports import free_port
from tests.servers import NO_LIMITS, Site, wait_for
from tests.tools import is_open, tool

pytestmark = pytest.mark.proof

_LOCATION = """
server {{
  listen 127.0.0.1:{port};
  location /chat/ {{
    proxy_pass http://127.0.0.1:{site}{path};
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
  }}
}}
"""


class BySetting(Site):
    def __init__(self, data_dir) -> None:
        super().__init__(data_dir, PATH_PREFIX="/chat", **NO_LIMITS)


class ByOption(Site):
    @property
    def command(self) -> list[str]:
        return [*super().command, "--root-path", "/chat"]


@pytest.fixture(
    scope="module",
    params=[BySetting, pytest.param(lambda folder: ByOption(folder, **NO_LIMITS))],
    ids=["setting", "option"],
)
def addresses(request, tmp_path_factory) -> Iterator[list[str]]:
    """The site through a proxy that passes the prefix on, and through one that takes it away."""
    folder = tmp_path_factory.mktemp("prefix")
    site = request.param(folder)
    site.migrate()
    ports = [free_port(), free_port()]
    servers = [
        _LOCATION.format(port=port, site=site.port, path=path) for port, path in zip(ports, ["", "/"], strict=True)
    ]
    upgrade = 'map $http_upgrade $connection_upgrade { default upgrade; "" close; }'
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nevents {{}}\nhttp {{ access_log off; {upgrade} {''.join(servers)} }}\n"
    )
    arguments = [tool("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(config)]
    with site, serving(arguments, ports[0], folder / "log"):
        wait_for(lambda: is_open(ports[1]), "nginx")
        yield [f"http://127.0.0.1:{port}" for port in ports]


def test_people_talk_below_a_prefix(addresses, visit):
    alice, bob = (visit(None, url, home="/chat/") for url in addresses)
    for person, name, url in zip((alice, bob), ("alice", "bob"), addresses, strict=True):
        # Asked for a nickname, and led to where they wanted to go.
        person.page.goto("/chat/rooms/lobby/")
        person.page.get_by_label("Nickname").fill(name)
        person.page.keyboard.press("Enter")
        person.wait_until_live()
        expect(person.page).to_have_url(f"{url}/chat/rooms/lobby/")
        expect(person.page.locator("body")).to_have_attribute("data-transport", "socket")
    alice.say("Below it")
    expect(bob.message("Below it")).to_be_visible()
    bob.say("Same here")
    expect(alice.message("Same here")).to_be_visible()
    # Addresses in frames lead to pages, and plain HTTP answers there too.
    links = alice.page.locator("#rooms a, #directs a").evaluate_all("links => links.map(link => link.pathname)")
    assert links
    assert all(path.startswith("/chat/") for path in links)
    for person in (alice, bob):
        hello = person.context.request.get("/chat/live/poll").text().splitlines()[0]
        assert all(room["url"].startswith("/chat/") for room in json.loads(hello)["rooms"])


def test_cookies_are_for_the_prefix_alone(addresses, visit, request):
    if "setting" not in request.node.name:
        pytest.skip("What Daphne is told, the settings do not know: a project sets SESSION_COOKIE_PATH itself.")
    carol = visit(None, addresses[0], home="/chat/").join("carol")
    carol.go("/chat/rooms/lobby/")
    assert {cookie["path"] for cookie in carol.context.cookies()} == {"/chat/"}
