"""Imports between rooms: those of docs/design.md ("Source layout") as one ordered list, read from the sources."""

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each room imports of ours only itself and what stands before it, and of others, besides the standard library, what is
# named here.
ROOMS = {
    "chat.languages": [],
    "chat.sentences": ["django"],
    "chat.refusals": [],
    "chat.limits": [],
    "chat.conf": ["django"],
    "chat.checks": ["django"],
    "chat.paths": ["django"],
    "chat.addresses": [],
    "chat.layers": ["channels", "channels_redis", "redis", "hiredis"],
    "chat.server": ["daphne", "twisted", "uvloop", "zope"],
    "chat.text": ["confusable_homoglyphs", "emoji", "markdown_it", "nh3", "pygments", "pypinyin"],
    "chat.models": ["django"],
    "chat.rules": [],
    "chat.queries": ["django"],
    "chat.wire": ["django", "channels", "asgiref", "msgspec"],
    "chat.actions": ["django"],
    "chat.live": ["django", "asgiref", "channels", "msgspec"],
    "chat.consumers": ["channels", "msgspec"],
    "chat.views": ["django", "msgspec"],
    "chat.templatetags": ["django"],
    "chat.routing": ["django"],
    "chat.doctor": ["django", "asgiref", "channels", "channels_redis", "redis"],
    "chat.management": ["django", "channels"],
    "chat.admin": ["django"],
    "chat.urls": ["django"],
    "chat.apps": ["django"],
}
# Inside some rooms a part keeps to less.
PURE = {
    "chat.wire.protocol": {"msgspec", "chat.refusals", "chat.text"},
    "chat.wire.simple": {"msgspec", "chat.refusals", "chat.text", "chat.wire"},
    "chat.server.handshake": set(),
    "chat.server.frames": set(),
}
# Nothing of ours: as if they were libraries of their own (tests/test_libraries.py runs them so).
ALONE = ("chat.layers", "chat.server", "chat.text")


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def room_of(module: str) -> str | None:
    return next((room for room in ROOMS if is_in(module, room)), None)


@cache
def modules() -> dict[str, str]:
    """The sources of all modules of the chat app but its migrations, by name."""
    paths = [path for path in (ROOT / "chat").rglob("*.py") if "migrations" not in path.parts]
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)
    return {name: path.read_text() for name, path in zip(names, paths, strict=True) if name != "chat"}


def imported(source: str, known: Iterable[str]) -> Iterator[str]:
    """The imports of a module, wherever in it, also for types alone: `from chat import queries` is `chat.queries`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            full = {f"{module}.{alias.name}" for alias in node.names}
            yield from (one if one in known else module for one in full)


def faults(name: str, source: str, known: Iterable[str]) -> list[str]:
    """The imports of a module that are wrong."""
    own = room_of(name)
    if own is None:
        return [f"{name} is in no room"]
    order = list(ROOMS)
    before = [] if own in ALONE else order[: order.index(own)]
    allowed = PURE.get(name, {own, *before, *ROOMS[own]})
    found = {module for module in imported(source, known) if module.split(".")[0] not in sys.stdlib_module_names}
    banned = {module for module in found if not any(is_in(module, one) for one in allowed)}
    banned |= {module for module in found if is_in(module, "django.dispatch")}  # No signals between our modules.
    return [f"{name} imports {module}" for module in sorted(banned)]


def writes(source: str) -> set[str]:
    """The calls of a module that store something."""
    storing = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "delete", "save", "update"}
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {
        call.func.attr
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr.removeprefix("a") in storing | {"dd_to_storage"}
        # Sets and dictionaries are updated too, but not by the names of fields; and `rooms.create` is an action.
        if call.keywords or call.func.attr != "update"
        if not (isinstance(call.func.value, ast.Name) and call.func.value.id == "rooms")
    }


def cycle(sources: dict[str, str]) -> list[str]:
    """The modules of one circle of imports, also of those for types alone; none if there is no circle."""
    graph = {name: set(imported(source, sources)) & sources.keys() - {name} for name, source in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("name", modules())
def test_a_module_imports_only_what_stands_before_its_room(name):
    assert faults(name, modules()[name], modules()) == []


def test_no_files_import_one_another_in_a_circle():
    assert cycle(modules()) == []


def test_only_actions_write():
    """No other module of the app calls what stores: the tests of permission would have to know of it."""
    # The doctor tries whether it could, and takes it back.
    others = {name for name in modules() if not is_in(name, "chat.actions") and name != "chat.doctor.database"}
    assert {name: found for name in others if (found := writes(modules()[name]))} == {}


def test_only_conf_reads_settings_of_the_chats_own():
    readers = {name for name, source in modules().items() if "CHAT_" in source}
    assert readers <= {"chat.conf"}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("chat.queries.rooms", "from chat.actions import rooms"),
        ("chat.layers.local", "from django.conf import settings"),
        ("chat.wire.protocol", "import django"),
        ("chat.live.hub", "def f():\n    from chat.consumers import websocket"),
        ("chat.brandnew", ""),
        ("chat.models.room", "from .message import Message"),
        ("chat.views.people", "from chatsite import settings"),
        ("chat.actions.rooms", "from django.dispatch import Signal"),
    ],
)
def test_a_wrong_module_is_found(name, source):
    assert faults(name, source, modules())


@pytest.mark.parametrize(
    "source",
    ["Room.objects.create(slug='a')", "room.save()", "await room.asave()", "rooms_of(1).update(title='x')",
     "await Room.objects.filter(pk=1).aupdate(title='x')", "Room.objects.all().delete()"],
)  # fmt: skip
def test_what_writes_is_found(source):
    assert writes(f"async def f():\n    {source}")


def test_a_circle_is_found():
    assert cycle({"a": "import b", "b": "if TYPE_CHECKING:\n    import c", "c": "from a import d"})
