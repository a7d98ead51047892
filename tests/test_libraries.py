"""What would be a library of its own: nothing else of the project is there when it is imported and used."""

import subprocess
import sys
import textwrap

from tests.servers import ROOT

ALONE = """
import sys

class Fence:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("chat", "chatsite") and name != "chat" and not name.startswith("{package}"):
            raise ImportError(f"{{name}} is another part of the project")

sys.meta_path.insert(0, Fence())
"""

SMALL_PROJECT = """
import asyncio
from django.conf import settings
settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "chat.layers.local.LocalChannelLayer"}})

from channels.testing import WebsocketCommunicator
from chat.layers.consumer import CalledConsumer

class Echo(CalledConsumer):
    async def websocket_connect(self, message):
        loop = asyncio.get_running_loop()
        self.channel_layer.attach(self.channel_name, lambda event: loop.create_task(self.hear(event)))
        await self.channel_layer.group_add("everybody", self.channel_name)
        await self.send({"type": "websocket.accept"})

    async def websocket_receive(self, message):
        await self.channel_layer.group_send("everybody", {"type": "said", "text": message["text"]})

    async def hear(self, event):
        await self.send({"type": "websocket.send", "text": event["text"]})

    async def ended(self):
        await self.channel_layer.group_discard("everybody", self.channel_name)

async def main():
    clients = [WebsocketCommunicator(Echo.as_asgi(), "/") for _ in range(2)]
    for client in clients:
        assert (await client.connect())[0]
    await clients[0].send_to(text_data="hello")
    for client in clients:
        print(await client.receive_from())
    await clients[0].disconnect()
    await clients[1].send_to(text_data="alone")
    print(await clients[1].receive_from())
    await clients[1].disconnect()

asyncio.run(main())
"""


def alone(package: str, program: str) -> str:
    """What a program says in a Python that can import that package of the project and no other, without settings."""
    source = ALONE.format(package=package) + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False, env={})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_fence_lets_nothing_else_in():
    said = alone("chat.layers", "try:\n    import chat.limits\nexcept ImportError as error:\n    print(error)")
    assert said == "chat.limits is another part of the project\n"


def test_the_channel_layers_are_imported_without_django_settings_and_the_chat():
    alone("chat.layers", "from chat.layers import consumer, local, redis")


def test_a_small_channels_project_runs_on_the_layers():
    assert alone("chat.layers", SMALL_PROJECT).split() == ["hello", "hello", "alone"]
