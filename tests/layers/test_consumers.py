"""The local layer under Channels' own consumers."""

import pytest
from channels.consumer import AsyncConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import channel_layers, get_channel_layer
from channels.testing import ApplicationCommunicator, WebsocketCommunicator

from chat.layers.local import LocalChannelLayer
from tests.layers.waits import kept, soon


class Echo(AsyncJsonWebsocketConsumer):
    """As the Channels tutorial has it: one group, each message to all."""

    groups = ["room.7"]

    async def receive_json(self, content, **kwargs):
        await self.channel_layer.group_send("room.7", {"type": "room.message", "text": content["text"]})

    async def room_message(self, event):
        await self.send_json({"text": event["text"]})


class Worker(AsyncConsumer):
    async def job_run(self, message):
        await self.channel_layer.send(message["answer_to"], {"type": "job.done", "result": message["number"] * 2})


@pytest.fixture
def used(layer):
    """The layer as the project's default one."""
    before = channel_layers.set("default", layer)
    yield layer
    channel_layers.set("default", before) if before else channel_layers.backends.pop("default", None)


async def test_consumers_of_the_tutorial_talk_over_it(used):
    one = WebsocketCommunicator(Echo.as_asgi(), "/")
    other = WebsocketCommunicator(Echo.as_asgi(), "/")
    for communicator in (one, other):
        assert (await communicator.connect())[0]
    await one.send_json_to({"text": "你好"})
    assert await one.receive_json_from() == {"text": "你好"}
    assert await other.receive_json_from() == {"text": "你好"}
    for communicator in (one, other):
        await communicator.disconnect()
    assert not used.has_local("room.7")
    assert kept(used) == 0


async def test_a_worker_answers_over_it(used):
    communicator = ApplicationCommunicator(Worker.as_asgi(), {"type": "channel", "channel": "work"})
    answer_to = await used.new_channel()
    await communicator.send_input({"type": "job.run", "number": 21, "answer_to": answer_to})
    assert await soon(used.receive(answer_to)) == {"type": "job.done", "result": 42}
    communicator.stop()


def test_it_is_the_projects_layer():
    assert isinstance(get_channel_layer(), LocalChannelLayer)


def test_it_says_which_extensions_it_has(layer):
    assert set(layer.extensions) == {"groups", "flush"}
