"""Handshakes, and who is admitted by them."""

from django.test import Client

from chat.live.admission import Admitted, admit_all, heads_of
from chat.queries import Head


def scope(scheme: str = "ws", **headers: str) -> dict:
    named = {name.replace("_", "-").encode(): value.encode("latin1") for name, value in headers.items()}
    return {"type": "websocket", "path": "/ws/chat/", "scheme": scheme, "headers": list(named.items())}


def admit(scope) -> Admitted | None:
    return admit_all([scope])[0]


def heads(admitted: Admitted) -> dict[int, Head] | None:
    return heads_of([admitted])[0]


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.session.session_key
