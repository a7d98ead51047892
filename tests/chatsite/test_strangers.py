"""By default nothing is revealed to strangers. Nearly all tests use the site that all live tests share."""

import re
import socket

import httpx
import pytest
import websockets
from django.contrib.staticfiles.finders import FileSystemFinder
from django.test import override_settings

from chatsite import static
from tests.clients import Wire
from tests.patience import PATIENCE
from tests.servers import ROOT, Site
from tests.stylesheets import STYLES

pytestmark = pytest.mark.one_database


# Pages.


@pytest.mark.parametrize("path", ["/nothing/", "/rooms", "/static/nothing.js", "/%ff", "/ws/chat/"])
def test_a_page_that_is_not_there_reveals_nothing(site: Site, path):
    answer = httpx.get(site.url + path, follow_redirects=True)
    if path != "/rooms":
        assert answer.status_code == 404
    for inside in ("DEBUG", "Traceback", "urlpatterns", "URLconf", "chatsite.urls", "django", str(ROOT)):
        assert inside not in answer.text


def test_a_host_that_is_not_allowed_is_refused_and_learns_nothing(site: Site):
    before = len(site.log.read_text())
    answer = httpx.get(site.url, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "ALLOWED_HOSTS" not in answer.text
    httpx.get(site.url, headers={"Host": "evil.example"})
    log = site.log.read_text()[before:]
    assert log.count("Refused a request for the host 'evil.example'") == 1  # Strangers do not fill the log either.
    assert "Traceback" not in log


# Static files.


def test_static_files_are_served_without_debug(site: Site):
    page = httpx.get(site.url).text
    paths = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert paths
    for path in paths:
        answer = httpx.get(site.url + path)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers
        assert answer.headers["cache-control"] == "max-age=31536000, immutable"


def test_a_page_of_another_release_gets_what_there_is_and_does_not_keep_it(site: Site):
    other = httpx.get(f"{site.url}/static/0123456789ab/chat/styles/outdated.css")
    assert other.content == (STYLES / "outdated.css").read_bytes()
    assert "max-age=0" in other.headers["cache-control"]
    assert httpx.get(f"{site.url}/static/0123456789ab/chat/nothing.css").status_code == 404


def test_part_of_a_static_file_its_head_alone_and_nothing_else_can_be_asked_for(site: Site):
    page = httpx.get(site.url).text
    address = site.url + re.findall(r'href="(/static/[^"]+/chat/styles/pages/page.css)"', page)[0]
    whole = httpx.get(address)
    part = httpx.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    head = httpx.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert head.headers["content-encoding"] == whole.headers["content-encoding"]
    assert httpx.post(address).status_code == 405


def test_a_release_is_named_by_the_content_of_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr(static.finders, "get_finders", lambda: [FileSystemFinder()])
    (tmp_path / "one.js").write_text("1")
    with override_settings(STATICFILES_DIRS=[tmp_path], DEBUG=False):
        before = static.release.__wrapped__()
        assert static.release.__wrapped__() == before
        (tmp_path / "one.js").write_text("2")
        assert static.release.__wrapped__() != before
    with override_settings(DEBUG=True):
        assert static.release.__wrapped__() == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("chat/styles/tokens.css", "text/css"),
        ("chat/net/connection.js", "text/javascript"),
        ("chat/favicon.svg", "image/svg+xml"),
    ],
)
def test_a_static_file_has_its_type_and_is_asked_for_again_each_time(site: Site, name, kind):
    answer = httpx.get(f"{site.url}/static/{name}")
    assert answer.headers["content-type"].split(";")[0] == kind
    assert "max-age=0" in answer.headers["cache-control"]
    tag = answer.headers.get("last-modified")
    assert httpx.get(f"{site.url}/static/{name}", headers={"If-Modified-Since": tag}).status_code == 304


@pytest.mark.parametrize("path", ["..%2f..%2fmanage.py", "%2e%2e/%2e%2e/manage.py", "chat/../../../manage.py", "chat/"])
def test_nothing_but_static_files_is_served_as_one(site: Site, path):
    with socket.create_connection(("127.0.0.1", site.port), PATIENCE) as raw:
        raw.sendall(f"GET /static/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := raw.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"execute_from_command_line" not in answer


# The socket.


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/chat/x", "/nothing/", "/rooms/lobby/", "/ws/chät/"])
async def test_a_socket_to_no_door_is_refused_in_the_handshake(site: Site, path):
    before = len(site.log.read_text())
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"ws://127.0.0.1:{site.port}{path}", origin=site.url)
    assert refused.value.response.status_code == 403
    assert "Traceback" not in site.log.read_text()[before:]


async def test_the_socket_needs_a_session(site: Site):
    wire = await Wire.open(site, {"Origin": site.url})
    assert await wire.close_code() == 4401


async def test_the_socket_needs_the_sites_own_origin(site: Site):
    wire = await Wire.open(site, {"Origin": "http://evil.example"})
    assert await wire.close_code() == 4403
