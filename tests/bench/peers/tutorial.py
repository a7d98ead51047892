"""A chat as people first write it with Channels: a consumer per connection, a group per room, JSON. Nothing is stored.

Served by Daphne. `LAYER` names the channel layer's class, `REDIS_URL` where it finds Redis.
"""

import json
import os
from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

settings.configure(
    SECRET_KEY="only for measuring",
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": os.environ["LAYER"],
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
        }
    },
)
django.setup()


class RoomConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.group = f"chat_{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send(json.dumps({"ready": True}))

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        said = json.loads(text_data or "{}")
        await self.channel_layer.group_send(self.group, {"type": "chat.message", "message": said["message"]})

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send(json.dumps({"message": event["message"]}))


application = ProtocolTypeRouter({"websocket": URLRouter([path("<room>/", RoomConsumer.as_asgi())])})
