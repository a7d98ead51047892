"""The page's own texts, dates and numbers, in the reader's language."""

import json

import pytest
from playwright.sync_api import expect


def test_the_page_s_own_texts_are_in_the_reader_s_language(visit, site):
    alice, bob = visit("alice", site.url, locale="zh-CN"), visit("bob")
    alice.go("/rooms/lobby/")
    bob.go("/rooms/lobby/")
    expect(alice.page.locator("html")).to_have_attribute("lang", "zh-hans")
    bob.page.get_by_label("Message", exact=True).press_sequentially("hi")
    expect(alice.page.locator("#typing")).to_have_text(f"{bob.nickname} 正在输入…")
    alice.page.locator("#text").fill("x" * 11_234)
    expect(alice.page.locator("#composer-hint")).to_have_text("超出了 1,234 个字符")
    bob.say("hi")
    expect(alice.page.locator(".divider .day")).to_have_text(["今天"])
    expect(bob.page.locator(".divider .day")).to_have_text(["Today"])
    expect(bob.page.locator("html")).to_have_attribute("lang", "en")


def test_a_refusal_is_told_in_the_reader_s_language(visit, site):
    alice = visit("alice", site.url, locale="zh-CN")
    refusal = {"type": "error", "code": "no_such_message", "detail": "In English.", "params": {"number": 1234}}

    def refuse(socket):
        server = socket.connect_to_server()

        def pass_on(text):
            frame = json.loads(text)
            if frame["type"] != "post":
                return server.send(text)
            return socket.send(json.dumps({**refusal, "frame": "post", "client_id": frame["client_id"]}))

        socket.on_message(pass_on)

    alice.context.route_web_socket("**/ws/chat/**", refuse)
    alice.go("/rooms/lobby/")
    alice.page.locator("#text").fill("hello")
    alice.page.locator("#text").press("Enter")
    expect(alice.page.locator(".failed .reason")).to_have_text("这个房间里没有第 1234 条消息，无法回复。")


def test_an_unknown_refusal_is_told_as_the_server_tells_it(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    module = alice.page.locator("link[href$='lib/refusals.js']").get_attribute("href")
    frame = {"code": "constructor", "detail": "In English."}
    assert (
        alice.page.evaluate("async ([url, frame]) => (await import(url)).sentenceOf(frame)", [module, frame])
        == "In English."
    )


@pytest.mark.proof
def test_hours_are_written_as_in_the_reader_s_region(visit, site):
    shown = {}
    for locale in ("en-US", "en-GB", "zh-CN"):
        person = visit(locale.replace("-", ""), site.url, locale=locale, timezone_id="Asia/Shanghai")
        person.go("/rooms/lobby/")
        clock = person.page.locator("link[href$='lib/clock.js']").get_attribute("href")
        shown[locale] = person.page.evaluate(
            "async (url) => (await import(url)).timeOf(new Date('2026-03-01T09:05:00Z'))", clock
        ).replace("\u202f", " ")
    assert shown == {"en-US": "5:05 PM", "en-GB": "17:05", "zh-CN": "17:05"}


def test_a_language_chosen_in_the_settings_is_that_of_the_next_page(visit, site):
    alice = visit("alice", site.url, locale="en-US")
    alice.go("/rooms/lobby/")
    alice.page.get_by_role("link", name="Settings").click()
    alice.page.get_by_label("简体中文").check()
    alice.page.get_by_role("button", name="Save").click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("设置")
    alice.go("/rooms/lobby/")
    expect(alice.page.locator("#text")).to_have_attribute("placeholder", "发消息给 Lobby")
