"""Where the chat is: below a path prefix, and below the place that a project gives it."""

import pytest
from django import urls

from chat import paths, routing
from chat.models import Room


@pytest.fixture(autouse=True)
def unprefixed(monkeypatch):
    """Each test begins as a process does, before its first request."""
    monkeypatch.setattr(paths, "_prefix", "/")
    # For a process of its own, which this is not.
    monkeypatch.setattr(routing.install, "install", lambda *given, **named: None)
    yield
    urls.set_script_prefix("/")


def scope(path: str, root_path: str = "", kind: str = "http") -> dict:
    return {"type": kind, "path": path, "root_path": root_path, "headers": []}


@pytest.mark.parametrize("path", ["/chat/rooms/lobby/", "/rooms/lobby/"])
def test_a_path_begins_with_the_prefix_whether_or_not_the_proxy_takes_it_away(path):
    seen = paths.below_prefix(scope(path, "/chat"))
    assert (seen["path"], seen["root_path"]) == ("/chat/rooms/lobby/", "/chat")
    assert paths.inside(seen["path"]) == "rooms/lobby/"


def test_a_path_that_only_begins_like_the_prefix_is_not_below_it():
    assert paths.below_prefix(scope("/chatter/", "/chat"))["path"] == "/chat/chatter/"


def test_the_settings_win_over_what_the_server_says(settings):
    settings.FORCE_SCRIPT_NAME = "/talk"
    assert paths.below_prefix(scope("/talk/ws", "/chat"))["root_path"] == "/talk"


def test_what_belongs_to_no_request_knows_the_prefix_once_a_request_has_told_it():
    assert Room(slug="den").get_absolute_url() == "/rooms/den/"
    paths.below_prefix(scope("/", "/chat"))
    urls.set_script_prefix("/")  # As in a thread of the live side.
    assert Room(slug="den").get_absolute_url() == "/chat/rooms/den/"
    assert paths.live("socket") == "/chat/ws/chat/"


class Heard:
    """An application that keeps the paths it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope, receive, send) -> None:
        self.paths.append(scope.get("path", scope["type"]))


async def test_what_is_not_the_chat_s_goes_to_the_project(settings):
    pages, sockets = Heard(), Heard()
    application = routing.with_chat(pages, websockets=sockets)
    for asked in [scope("/"), scope("/live/other"), {"type": "lifespan"}, scope("/feed", kind="websocket")]:
        await application(asked, None, None)
    assert pages.paths == ["/", "/live/other", "lifespan"]
    assert sockets.paths == ["/feed"]


async def test_a_websocket_to_where_there_is_none_is_refused():
    sent = []

    async def send(message) -> None:
        sent.append(message)

    await routing.with_chat(Heard())(scope("/feed", kind="websocket"), None, send)
    assert sent == [{"type": "websocket.close"}]


async def test_the_live_endpoints_lie_where_the_project_includes_the_chat(settings, monkeypatch):
    found, pages = Heard(), Heard()
    patterns = [urls.path("live/poll", found)]
    monkeypatch.setattr(routing, "http_urlpatterns", patterns)
    settings.ROOT_URLCONF = "tests.elsewhere"
    paths._home.cache_clear()
    try:
        application = routing.with_chat(pages)
        await application(scope("/talk/live/poll"), None, None)
        await application(scope("/live/poll"), None, None)
    finally:
        paths._home.cache_clear()
    assert (found.paths, pages.paths) == (["/talk/live/poll"], ["/live/poll"])
