"""In which language a page is: the person's choice first, then the browser's wish, and English for all others."""

import pytest
from django.test import Client

from chat.actions import bans, erasure, people
from chat.models import Profile
from chat.refusals import Refusal
from tests.pages import browser, join, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}


def language_of(page) -> str:
    assert page["Content-Language"] in text(page)
    return text(page).split('<html lang="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("wish", "language"),
    [("zh", "zh-hans"), ("zh-CN", "zh-hans"), ("zh-SG", "zh-hans"), ("en-GB,zh;q=0.5", "en"), ("fr", "en"), ("", "en")],
)
def test_without_a_choice_the_browser_decides(visitor, wish, language):
    page = visitor.get("/", headers={"Accept-Language": wish})
    assert language_of(page) == language
    assert "Accept-Language" in page["Vary"]


def test_who_has_chosen_gets_their_language_in_every_browser(alice):
    browser(alice).post("/settings/", {"language": "zh-hans"})
    client = browser(alice)
    assert language_of(client.get("/rooms/")) == language_of(client.get("/rooms/lobby/")) == "zh-hans"
    people.choose_language(alice, "en")
    assert language_of(client.get("/rooms/", headers=CHINESE)) == "en"


def test_error_pages_are_in_the_chosen_language_too(alice):
    client = browser(alice)
    client.post("/settings/", {"language": "zh-hans"})
    page = client.get("/rooms/none/")
    assert (page.status_code, language_of(page)) == (404, "zh-hans")
    assert "页面不存在" in text(page)
    assert language_of(client.get("/nowhere/")) == "zh-hans"


def test_another_browser_learns_the_choice_with_its_first_page(alice):
    people.choose_language(alice, "zh-hans")
    client = browser(alice)
    client.get("/rooms/")
    assert language_of(client.get("/nowhere/")) == "zh-hans"


def test_a_choice_made_before_joining_is_kept_with_the_profile(visitor):
    page = visitor.post("/settings/", {"language": "zh-hans"}, follow=True)
    assert language_of(page) == "zh-hans"
    assert "已保存。" in text(page)
    join(visitor, "小明")
    assert Profile.objects.get(nickname="小明").language == "zh-hans"


def test_who_chose_nothing_has_no_language_stored(visitor):
    join(visitor, "xiaoming")
    assert Profile.objects.get(nickname="xiaoming").language == ""


@pytest.mark.parametrize("language", ["", "de", "zh", "x" * 999])
def test_a_language_that_there_is_none_of_is_refused(alice, language):
    page = browser(alice).post("/settings/", {"language": language})
    assert page.status_code == 422
    with pytest.raises(Refusal, match="Choose one of the languages listed"):
        people.choose_language(alice, language)
    alice.refresh_from_db()
    assert alice.language == ""


def test_a_language_from_a_cookie_that_there_is_none_of_is_ignored():
    client = Client()
    client.cookies["django_language"] = "xx"
    assert language_of(client.get("/", headers=CHINESE)) == "zh-hans"
    join(client, "bob")
    assert Profile.objects.get(nickname="bob").language == ""


def test_refusals_and_notices_are_in_the_readers_language(alice, den):
    people.choose_language(alice, "zh-hans")
    client = browser(alice)
    assert "没有叫这个名字的人" in text(client.get("/people/none/"))
    page = client.post(f"/rooms/{den.slug}/members/", {"nickname": "none"}, follow=True)
    assert "这里没有叫“none”的人。" in text(page)
    assert "请填写房间名称。" in text(client.post("/rooms/new/", {"title": ""}))


def test_a_ban_is_explained_in_the_chosen_language_which_can_still_be_changed(alice):
    bans.ban(alice)
    client = browser(alice)
    client.post("/settings/", {"language": "zh-hans"})
    page = client.get("/rooms/")
    assert page.status_code == 403
    assert "你不能使用这个聊天。" in text(page)


def test_settings_are_found_from_the_chat_and_from_the_first_page(alice, visitor):
    assert 'href="/settings/"' in text(browser(alice).get("/rooms/lobby/"))
    assert 'href="/settings/"' in text(visitor.get("/"))
    page = text(visitor.get("/settings/"))
    assert '<span lang="en">English</span>' in page
    assert '<span lang="zh-hans">简体中文</span>' in page


def test_each_language_loads_its_own_texts_alone(alice):
    client = browser(alice)
    assert "/locale/" not in text(client.get("/rooms/lobby/"))
    page = text(client.get("/rooms/lobby/", headers=CHINESE))
    assert page.index("chat/locale/zh-hans.js") < page.index("chat/pages/room.js")


def test_an_erased_person_has_no_language(alice):
    people.choose_language(alice, "zh-hans")
    erasure.erase(alice)
    assert Profile.objects.get(pk=alice.pk).language == ""
