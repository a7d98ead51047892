"""A user of the project takes a nickname, opens a page, connects and speaks. Prints the kinds of frames that answer."""

# ruff: noqa: E402  Django must be set up before its models are imported.

import asyncio
import json

import django
from django.core.management import call_command

django.setup()

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client

from chat.routing import websocket_urlpatterns


def cookie() -> str:
    browser = Client()
    browser.force_login(User.objects.create_user("staff-17"))
    browser.post("/join/", {"nickname": "alice"})
    assert b"alice" in browser.get("/", follow=True).content
    return f"sessionid={browser.cookies['sessionid'].value}"


async def speak(cookie: str) -> None:
    headers = [(b"host", b"testserver"), (b"cookie", cookie.encode())]
    line = WebsocketCommunicator(URLRouter(websocket_urlpatterns), "/ws/chat/", headers=headers)
    assert (await line.connect(timeout=10))[0]
    hello = json.loads((await line.receive_from(10)).split("\n")[0])
    room = hello["rooms"][0]["id"]
    await line.send_to(json.dumps({"type": "post", "client_id": "one", "room": room, "body": "hi"}))
    while "message" not in (kinds := [json.loads(text)["type"] for text in (await line.receive_from(10)).split("\n")]):
        print(*kinds)
    print(hello["type"], hello["you"]["nickname"], *kinds)
    await line.disconnect()


call_command("migrate", verbosity=0)
asyncio.run(speak(cookie()))
