from django.urls import path

from chat.live import fallback
from chat.live.consumers import ChatConsumer
from chat.live.simple import EchoConsumer, NicknameConsumer
from chat.live.trial import TrialConsumer

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path("ws/connection/", TrialConsumer.as_asgi()),
    path("ws", EchoConsumer.as_asgi()),
    path("ws/<str:nickname>", NicknameConsumer.as_asgi()),
]

# Before Django, not in its urls: there each request that waits would hold a thread.
http_urlpatterns = [
    path("live/stream", fallback.stream),
    path("live/poll", fallback.poll),
    path("live/send", fallback.send),
]
