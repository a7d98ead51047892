"""Keys of the ASGI scope's `extensions` for what the server offers beyond ASGI."""

WRITE = "chat.write"
"""The fast path for a WebSocket or a chunked response: sends bytes at once, or returns False and sends none."""

TRAFFIC = "chat.traffic"
"""Returns the bytes of a WebSocket's frames received and sent so far, as a pair."""
