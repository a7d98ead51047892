"""Theme and density, as a browser has chosen them, and the style guide that shows both."""

import pytest
from django.contrib.auth.models import AnonymousUser

from chat.views import styleguide
from chat.views.appearance import COOKIE
from tests.pages import browser, text
from tests.views.html import Page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("no_join_limit")]


def look_of(client, path: str = "/") -> tuple[str | None, str | None]:
    attributes = dict(Page(text(client.get(path))).tags)["html"]
    return attributes.get("data-theme"), attributes.get("data-density")


def edge_of(client) -> list[str | None]:
    """The colours of what the browser draws around the page."""
    tags = Page(text(client.get("/"))).tags
    return [
        attributes["content"] for tag, attributes in tags if tag == "meta" and attributes.get("name") == "theme-color"
    ]


def test_nothing_chosen_is_the_systems_theme(visitor):
    assert look_of(visitor) == (None, "comfortable")
    assert len(edge_of(visitor)) == 2


def test_a_choice_is_drawn_by_the_server_with_the_next_page(visitor):
    visitor.post("/settings/appearance/", {"theme": "dark"})
    assert look_of(visitor) == ("dark", "comfortable")
    assert edge_of(visitor) == ["#131b1e"]
    visitor.post("/settings/appearance/", {"density": "compact"})
    assert look_of(visitor) == ("dark", "compact")
    visitor.post("/settings/appearance/", {"theme": "system"})
    assert look_of(visitor) == (None, "compact")


def test_a_choice_holds_on_error_pages_too(visitor):
    visitor.post("/settings/appearance/", {"theme": "light"})
    assert look_of(visitor, "/none/") == ("light", "comfortable")


@pytest.mark.parametrize("fields", [{}, {"theme": "pink"}, {"density": "1"}, {"theme": '"><script>'}])
def test_what_is_no_choice_changes_nothing(visitor, fields):
    visitor.post("/settings/appearance/", {"theme": "dark", "density": "compact"})
    assert visitor.post("/settings/appearance/", fields).status_code == 302
    assert look_of(visitor) == ("dark", "compact")


@pytest.mark.parametrize("cookie", ["", ".", "dark", "pink.compact", '"><script>.x', "a." * 2000])
def test_a_cookie_that_says_nothing_is_no_choice(visitor, cookie):
    visitor.cookies[COOKIE] = cookie
    theme, density = look_of(visitor)
    assert theme in (None, "dark")
    assert density in ("comfortable", "compact")
    assert "<script>." not in text(visitor.get("/"))


def test_one_comes_back_to_the_page_on_which_one_chose(bob):
    client = browser(bob)
    answer = client.post(
        "/settings/appearance/", {"theme": "dark"}, headers={"Referer": "http://testserver/rooms/lobby/"}
    )
    assert answer["Location"] == "http://testserver/rooms/lobby/"


@pytest.mark.parametrize("page", ["", "http://evil.example/rooms/lobby/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(visitor, page):
    assert visitor.post("/settings/appearance/", headers={"Referer": page})["Location"] == "/"


def test_the_cookie_is_for_this_site_only(visitor, settings):
    settings.SESSION_COOKIE_SECURE = True
    cookie = visitor.post("/settings/appearance/", {"theme": "dark"}).cookies[COOKIE]
    assert (cookie["samesite"], cookie["httponly"], cookie["secure"], cookie["domain"]) == ("Lax", True, True, "")


def test_the_choice_is_offered_among_the_settings_which_every_room_leads_to(bob):
    assert 'href="/settings/"' in text(browser(bob).get("/rooms/lobby/"))
    assert 'action="/settings/appearance/"' in text(browser(bob).get("/settings/"))


# The style guide.


def test_people_who_use_the_site_get_no_style_guide(visitor, bob):
    for client in (visitor, browser(bob)):
        assert client.get("/styleguide/").status_code == 404


def test_staff_get_the_style_guide(bob):
    bob.user.is_staff = True
    bob.user.save()
    page = browser(bob).get("/styleguide/")
    assert page.status_code == 200
    tags = Page(text(page)).tags
    panes = {(a["data-theme"], a["data-density"]) for _, a in tags if "specimen" in (a.get("class") or "").split()}
    assert panes == {(theme, density) for theme in ("light", "dark") for density in ("comfortable", "compact")}
    ids = [attributes["id"] for _, attributes in tags if attributes.get("id")]
    assert sorted(ids) == sorted(set(ids))


def test_with_debug_everybody_gets_the_style_guide(rf, settings):
    settings.DEBUG = True
    request = rf.get("/styleguide/")
    request.user = AnonymousUser()
    assert styleguide.page(request).status_code == 200
