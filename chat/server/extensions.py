"""What a connection finds in its ASGI scope's `extensions` where the server can do more than ASGI asks for."""

WRITE = "chat.write"
"""The short way out, of a WebSocket or of a response in parts: sends bytes at once, or says False and has sent none."""

TRAFFIC = "chat.traffic"
"""The bytes of a WebSocket's frames that came in and went out so far, as a pair."""
