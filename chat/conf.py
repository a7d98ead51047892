"""The settings that the chat app reads, once, with the defaults that a project which includes it gets."""

from django.conf import settings

POST_BURST: int = getattr(settings, "CHAT_POST_BURST", 20)
"""Messages that a person may post at once before `POST_RATE` counts. 0 lifts the limit."""

POST_RATE: float = getattr(settings, "CHAT_POST_RATE", 2)
"""Messages a second that a person may post in the long run. 0 lifts the limit."""

FRAME_RATE: float = getattr(settings, "CHAT_FRAME_RATE", 100)
"""Frames a second that are taken from one person, after a burst of twice as many; costly ones count as several.

0 lifts the limit.
"""

JOIN_RATE: float = getattr(settings, "CHAT_JOIN_RATE", 30)
"""Nicknames a minute that one address may ask for, and a tenth of how often it may come back. 0 lifts the limits."""

ROOM_RATE: float = getattr(settings, "CHAT_ROOM_RATE", 20)
"""Rooms that a person may make at once, and then an hour. 0 lifts the limit.

Joining, leaving, adding people and writing to new ones follow it (`actions/rates.py`).
"""

CONNECTIONS: int = getattr(settings, "CHAT_CONNECTIONS", 50)
"""WebSockets, streams and waiting polls that a person may have open at once. 0 lifts the limit."""

SIMPLE_WIRE: bool = getattr(settings, "CHAT_SIMPLE_WIRE", True)
"""Whether a WebSocket to `/ws/<nickname>` speaks under that nickname, without a cookie: open names."""

TRUSTED_PROXIES: int = getattr(settings, "CHAT_TRUSTED_PROXIES", 0)
"""Reverse proxies in front of the site; their entries in X-Forwarded-For and X-Forwarded-Proto are believed."""

PROCESSES: int = getattr(settings, "CHAT_PROCESSES", 1)
"""Processes that serve the site, as far as the settings know. Only `doctor` asks."""

TRUSTED_ORIGINS: list[str] = getattr(settings, "CHAT_TRUSTED_ORIGINS", [])
"""Origins besides the site's own whose pages may open a WebSocket: scheme, host and port."""

ACCESS_LOG: bool = getattr(settings, "CHAT_ACCESS_LOG", True)
"""Whether Daphne tells of each request and each WebSocket on standard output."""
