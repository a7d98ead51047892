"""A real Chromium, and people who sit in front of it."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.patience import PATIENCE

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--renderer-process-limit=2",  # Each process costs more than the page in it.
]
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}

# Puts a page out of sight, or back into it.
SHOW_OR_HIDE = """isHidden => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true })
  document.dispatchEvent(new Event("visibilitychange"))
}"""

_SAY_ALL = """texts => {
  const box = document.getElementById("text")
  for (const text of texts) {
    box.value = text
    box.form.requestSubmit()
  }
}"""

# Broken promises of the page that nothing on it shows. What the browser says of a line that is down is none of them.
_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`Content-Security-Policy: ${violatedDirective} ${blockedURI}`))
"""
_CHANGES = (
    "add_init_script", "emulate_media", "expose_binding", "expose_function", "grant_permissions", "new_cdp_session",
    "route", "route_web_socket", "set_extra_http_headers", "set_offline", "set_viewport_size",
)  # fmt: skip
_LINE_IS_DOWN = ("WebSocket connection to", "Failed to load resource: net::ERR_", "responded with a status of 503")


def chromium() -> str | None:
    """Where the system's Chromium is: the one without a window, if it is there, takes a third less CPU."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser of their own: a context with its cookies and storage, and one page or several."""

    def __init__(self, browser: Browser, url: str, home: str = "/", **options) -> None:
        self.url = url
        self.home = home
        self.context: BrowserContext = browser.new_context(base_url=url, **({"viewport": WIDE} | options))
        self.context.set_default_timeout(1000 * PATIENCE)
        self.context.add_init_script(_REPORT_VIOLATIONS)
        self.faults: list[str] = []
        self.context.on("page", self._watch)
        self.page: Page = self.context.new_page()
        self.nickname = ""
        # Whether somebody else may sit down at this browser afterwards: its cache is warm.
        self.is_plain = False
        for part in (self.context, self.page):
            self._watch_changes(part)

    def join(self, nickname: str) -> "Visitor":
        """Joins as the form does, without opening a page."""
        self.context.request.get(self.home)
        self.submit(f"{self.home}join/", nickname=nickname)
        self.nickname = nickname
        return self

    def submit(self, path: str, **fields: str) -> str:
        """Posts a form as its page does; where it leads."""
        token = next(cookie["value"] for cookie in self.context.cookies() if cookie["name"] == "csrftoken")
        form = {**fields, "csrfmiddlewaretoken": token}
        # Again, where the line that it would have gone by has just been closed for having been idle.
        response = self.context.request.post(path, form=form, max_redirects=0, max_retries=1)
        assert response.status == 302, response.text()
        return response.headers["location"]

    def go(self, path: str, page: Page | None = None) -> None:
        """Opens a page of talk and waits until it is live."""
        self.set_out(path, page)
        self.wait_until_live(page)

    def set_out(self, path: str, page: Page | None = None) -> None:
        """Opens a page and waits for nothing, so that others can open theirs meanwhile."""
        (page or self.page).goto(path, wait_until="commit")

    def wait_until_live(self, page: Page | None = None) -> None:
        (page or self.page).wait_for_selector("#status[data-key=ready]", state="attached")

    def say(self, text: str, page: Page | None = None) -> None:
        box = (page or self.page).get_by_label("Message", exact=True)
        box.fill(text)
        box.press("Enter")

    def say_all(self, texts: Iterable[str]) -> None:
        """One message after the other, as fast as the page takes them."""
        self.page.evaluate(_SAY_ALL, list(texts))

    def message(self, text: str, page: Page | None = None) -> Locator:
        """The rows that say exactly this."""
        body = (page or self.page).locator(".body").get_by_text(text, exact=True)
        return (page or self.page).locator("#timeline > .message").filter(has=body)

    def take(self, action: str, text: str, page: Page | None = None) -> None:
        """Chooses from the menu of the message that says this, which the right button opens."""
        self.message(text, page).locator(".body").click(button="right")
        (page or self.page).locator("#message-menu").get_by_role("button", name=action, exact=True).click()

    def new_room(self, title: str, kind: str = "public", topic: str = "") -> str:
        """Makes a room and opens it; its address."""
        address = self.submit("/rooms/new/", title=title, topic=topic, kind=kind)
        self.go(address)
        return address

    def join_room(self, address: str) -> None:
        self.submit(f"{address}join/")
        self.go(address)

    def leave(self) -> None:
        """Makes place for somebody else."""
        for page in self.context.pages:
            if page is not self.page:
                page.close()
        self.page.evaluate("() => { try { sessionStorage.clear() } catch { /* no site's page */ } }")
        self.page.goto("about:blank")
        self.context.clear_cookies()
        stored = {"origin": self.url, "storageTypes": "local_storage,indexeddb"}
        session = self.context.new_cdp_session(self.page)
        session.send("Storage.clearDataForOrigin", stored)
        session.detach()
        self.faults.clear()

    def close(self) -> None:
        self.context.close()

    def _watch_changes(self, part: BrowserContext | Page) -> None:
        """Keeps a browser that a test has changed from being used again: nothing undoes such a change."""

        def marking(change: Callable[..., Any]) -> Callable[..., Any]:
            def mark(*arguments: Any, **options: Any) -> Any:
                self.is_plain = False
                return change(*arguments, **options)

            return mark

        for name in _CHANGES:
            if change := getattr(part, name, None):
                setattr(part, name, marking(change))
        # Its clock stays another one for all pages to come.
        part.clock.install = marking(part.clock.install)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("console", lambda message: self._judge(message.type, message.text))

    def _judge(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(known in text for known in _LINE_IS_DOWN):
            self.faults.append(f"console {kind}: {text}")
