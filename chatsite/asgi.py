"""The doors: live ones to the chat, pages to Django. `daphne chatsite.asgi:application` serves it."""

import gc
import os
import sys
from io import TextIOWrapper
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
try:
    django.setup()
except ImproperlyConfigured as error:
    sys.exit(f"chatsite cannot start: {error}")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

from chat.live import daphne
from chat.live.heads import guarded
from chat.routing import http_urlpatterns, websocket_urlpatterns
from chatsite.startup import check_database

check_database()
daphne.install()
# What is loaded by now stays, and so does most of what a connection is made of: looking through all of it for garbage
# as often as Python would is a sixth of what a handshake costs.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
if isinstance(sys.stdout, TextIOWrapper):
    sys.stdout.reconfigure(line_buffering=True)  # So that Daphne's log of requests comes line by line, into a file too.


async def no_door(scope: Any, receive: Any, send: Any) -> Any:
    """A WebSocket to an address where there is none: refused in the handshake, where the router would raise."""
    await send({"type": "websocket.close"})


pages: Any = get_asgi_application()

application = guarded(
    ProtocolTypeRouter(
        {
            "http": URLRouter([*http_urlpatterns, re_path("", pages)]),
            "websocket": URLRouter([*websocket_urlpatterns, re_path("", no_door)]),
        }
    )
)
