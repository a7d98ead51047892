"""A real Firefox, driven by WebDriver BiDi: only as much of it as a smoke run needs."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.patience import PATIENCE

_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_POLL = 0.05

# No page of Mozilla's opens, and nothing outside is asked.
_PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processCount": 2,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 1,
    "security.sandbox.content.level": 0,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.server": "http://127.0.0.1:9/",
}
_ENTER = "\ue007"


def firefox() -> str | None:
    return os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """A browser: `send` asks it for something, `events` are what it has told meanwhile."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = count(1)
        self.events: list[dict[str, Any]] = []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])

    def send(self, method: str, **parameters: Any) -> Any:
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            heard = json.loads(self._socket.recv(timeout=PATIENCE))
            if heard.get("type") == "event":
                self.events.append(heard)
            elif heard["id"] == number:
                if heard["type"] == "error":
                    raise AssertionError(f"{method}: {heard['message']}")
                return heard["result"]

    def person(self) -> "Tab":
        """A tab with cookies and storage of its own."""
        container = self.send("browser.createUserContext")["userContext"]
        return Tab(self, self.send("browsingContext.create", type="tab", userContext=container)["context"])

    def faults(self) -> list[str]:
        """The complaints of pages so far."""
        entries = [event["params"] for event in self.events if event["method"] == "log.entryAdded"]
        return [entry["text"] for entry in entries if entry["level"] in {"error", "warn"}]


class Tab:
    def __init__(self, browser: Firefox, context: str) -> None:
        self._browser = browser
        self._context = context
        self.nickname = ""

    def go(self, address: str) -> None:
        self._browser.send("browsingContext.navigate", context=self._context, url=address, wait="interactive")

    def reload(self) -> None:
        self._browser.send("browsingContext.reload", context=self._context, wait="interactive")

    def close(self) -> None:
        self._browser.send("browsingContext.close", context=self._context)

    def run(self, expression: str) -> Any:
        """The value of an expression of the page's, which may be a promise of one."""
        wrapped = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        answer = self._browser.send(
            "script.evaluate", expression=wrapped, target={"context": self._context}, awaitPromise=True
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def wait(self, expression: str) -> Any:
        """The value, as soon as there is one that counts as true."""
        end = time.monotonic() + PATIENCE
        while not (value := self.run(expression)):
            assert time.monotonic() < end, f"In Firefox this never came: {expression}"
            time.sleep(_POLL)
        return value

    def click(self, selector: str) -> None:
        self.wait(f"document.querySelector({json.dumps(selector)}) !== null")
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def type(self, selector: str, text: str) -> None:
        """By keys, as a person does; a line's end is Enter."""
        self.wait(f"document.querySelector({json.dumps(selector)}) !== null")
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        keys = [each if each != "\n" else _ENTER for each in text]
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self._browser.send("input.performActions", context=self._context, actions=[source])


@contextlib.contextmanager
def browsing(folder: Path) -> Iterator[Firefox]:
    """Firefox with a profile of its own in this folder."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    command = [firefox(), "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"]
    environment = {**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    log = folder / "firefox.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        with connect(f"{_address(process, log)}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen, log: Path) -> str:
    end = time.monotonic() + PATIENCE
    while not (found := _LISTENING.search(log.read_text())):
        assert process.poll() is None, f"Firefox did not start: {log.read_text()}"
        assert time.monotonic() < end, f"Firefox does not listen: {log.read_text()}"
        time.sleep(_POLL)
    return found[1]
