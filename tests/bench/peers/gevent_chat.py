"""A group chat on gevent: a greenlet per connection, the sockets of each room in a dict, JSON, a loop that sends.

Nothing is stored. `python gevent_chat.py PORT`
"""

import json
import sys
from collections import defaultdict
from typing import Any

from gevent.pywsgi import WSGIServer
from geventwebsocket.exceptions import WebSocketError
from geventwebsocket.handler import WebSocketHandler

rooms: dict[str, dict[str, Any]] = defaultdict(dict)


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    socket = environ["wsgi.websocket"]
    room, name = rooms[environ["PATH_INFO"]], environ["QUERY_STRING"]
    room[name] = socket
    socket.send(json.dumps({"ready": True}))
    try:
        while (text := socket.receive()) is not None:
            broadcast(room, json.loads(text)["message"], name)
    except WebSocketError:
        pass
    finally:
        room.pop(name, None)
    return []


def broadcast(room: dict[str, Any], message: str, sender: str) -> None:
    text = json.dumps({"sender": sender, "message": message})
    for name, socket in list(room.items()):
        try:
            socket.send(text)
        except WebSocketError:
            room.pop(name, None)


if __name__ == "__main__":
    WSGIServer(("127.0.0.1", int(sys.argv[1])), application, handler_class=WebSocketHandler, log=None).serve_forever()
