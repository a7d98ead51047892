"""The settings of the chat app, read once, with their defaults for a project that includes it."""

from django.conf import settings

POST_BURST: int = getattr(settings, "CHAT_POST_BURST", 20)
"""Messages a person may post at once before `POST_RATE` applies. 0 lifts the limit."""

POST_RATE: float = getattr(settings, "CHAT_POST_RATE", 2)
"""Messages a second a person may post in the long run. 0 lifts the limit."""

FRAME_RATE: float = getattr(settings, "CHAT_FRAME_RATE", 100)
"""Frames a second accepted from one person, after a burst of twice as many; costly ones count as several.

0 lifts the limit.
"""

JOIN_RATE: float = getattr(settings, "CHAT_JOIN_RATE", 30)
"""Nicknames a minute that one address may request, and a tenth of how often it may return. 0 lifts the limits."""

ROOM_RATE: float = getattr(settings, "CHAT_ROOM_RATE", 20)
"""Rooms a person may make at once, and then per hour. 0 lifts the limit.

The limits on joining, leaving, adding people and writing to new ones scale with it (`actions/rates.py`).
"""

CONNECTIONS: int = getattr(settings, "CHAT_CONNECTIONS", 50)
"""WebSockets, streams and waiting polls a person may have open at once. 0 lifts the limit."""

SIMPLE_WIRE: bool = getattr(settings, "CHAT_SIMPLE_WIRE", True)
"""Whether a WebSocket to `/ws/<nickname>` speaks under that nickname without a cookie: open names."""

EDIT_HISTORY: bool = getattr(settings, "CHAT_EDIT_HISTORY", True)
"""Whether the earlier versions of an edited message are shown to everybody who may read its room."""

TRUSTED_PROXIES: int = getattr(settings, "CHAT_TRUSTED_PROXIES", 0)
"""Number of reverse proxies in front of the site whose entries in X-Forwarded-For and X-Forwarded-Proto are trusted."""

PROCESSES: int = getattr(settings, "CHAT_PROCESSES", 1)
"""Number of processes that serve the site, according to the settings. Only `doctor` reads it."""

TRUSTED_ORIGINS: list[str] = getattr(settings, "CHAT_TRUSTED_ORIGINS", [])
"""Origins besides the site's own whose pages may open a WebSocket: scheme, host and port."""

ACCESS_LOG: bool = getattr(settings, "CHAT_ACCESS_LOG", True)
"""Whether Daphne logs each request and each WebSocket to standard output."""
