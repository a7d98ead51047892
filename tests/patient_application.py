"""The site's application on a server that waits for a client that does not read for longer than any test runs."""

from chat.server import install, websocket
from chatsite.asgi import application  # noqa: F401

AN_HOUR = 3600

websocket.PING_SECONDS = AN_HOUR
websocket.GOODBYE_SECONDS = AN_HOUR
install.UNREAD_SECONDS = AN_HOUR
