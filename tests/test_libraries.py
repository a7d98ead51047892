"""Packages that could be libraries of their own: nothing else of the project is there when it is imported and used."""

import socket
import subprocess
import sys
import textwrap

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.patience import PATIENCE
from tests.ports import free_port
from tests.servers import ROOT, wait_for

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
    """The output of a program whose Python can import that package and no other of the project, without settings."""
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


ECHO = """
import asyncio, sys
sys.argv = ["daphne", "-p", "{port}", "echo:application"]

import types
echo = types.ModuleType("echo")

async def application(scope, receive, send):
    assert (await receive())["type"] == "websocket.connect"
    await send({{"type": "websocket.accept"}})
    while (message := await receive())["type"] == "websocket.receive":
        await send({{"type": "websocket.send", "text": message["text"]}})

echo.application = application
sys.modules["echo"] = echo

from daphne.cli import CommandLineInterface
from chat.server.install import Ending, install
from chat.server.limits import Limits

async def say_goodbye(seconds):
    print("goodbye", flush=True)

async def finish():
    print("finished", flush=True)

install(Limits(message_bytes=100), access_log=False, ending=Ending(say_goodbye, finish))
CommandLineInterface.entrypoint()
"""


def test_the_server_is_imported_without_django_settings_and_the_chat():
    alone("chat.server", "from chat.server import accepting, files, heads, http, install, limits, websocket")


def test_an_echo_server_runs_on_the_server_and_ends_as_it_is_told():
    port = free_port()
    source = ALONE.format(package="chat.server") + ECHO.format(port=port)
    command = [sys.executable, "-c", source]
    with subprocess.Popen(
        command, cwd=ROOT, env={}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as run:
        try:
            wait_for_port(port)
            with connect(f"ws://127.0.0.1:{port}/") as wire:
                wire.send("hello")
                assert wire.recv(PATIENCE) == "hello"
                wire.send("x" * 101)
                with pytest.raises(ConnectionClosed) as closed:
                    wire.recv(PATIENCE)
            run.terminate()
            said, _ = run.communicate(timeout=PATIENCE)
        finally:
            run.kill()
    assert closed.value.rcvd.code == 1009
    assert said.split()[-2:] == ["goodbye", "finished"], said


def wait_for_port(port: int) -> None:
    def is_open() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(is_open, "the echo server")
