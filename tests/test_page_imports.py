"""The page's modules live in rooms, and each imports only from the rooms that it may."""

import posixpath
import re
from pathlib import Path

import pytest

from chat.templatetags.modules import graph

MODULES = Path(__file__).parents[1] / "chat/static/chat"

# Each room, and the other rooms that it may import from. Only `app` and `pages` join the network and the views.
ROOMS = {
    "lib": set(),
    "locale": {"lib"},
    "net": {"lib"},
    "store": {"lib"},
    "views": {"lib", "store"},
    "app": {"lib", "net", "store", "views"},
    "pages": {"lib", "net", "store", "views", "app"},
}

_IMPORT = re.compile(r"""(?:\bfrom|\bimport\()\s*["']([^"']+)["']|\bimport\s+["']([^"']+)["']""")


def imports(name: str, source: str) -> list[str]:
    """The modules that a module's source imports, as paths below `chat/static/chat`."""
    found = [one or other for one, other in _IMPORT.findall(source)]
    return [posixpath.normpath(posixpath.join(posixpath.dirname(name), each)) for each in found]


def wrong_imports(name: str, source: str, names: set[str]) -> list[str]:
    """The imports of a module that it may not have."""
    room = name.split("/")[0]
    if room not in ROOMS:
        return [f"{name}: in none of the rooms"]
    allowed = ROOMS[room] | {room}
    return [
        f"{name} -> {imported}"
        for imported in imports(name, source)
        if imported not in names or imported.split("/")[0] not in allowed
    ]


def cycle(modules: dict[str, str]) -> list[str]:
    """Modules that import each other in a circle, or nothing."""
    graph = {name: imports(name, source) for name, source in modules.items()}
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name) :]
        if name in done or name not in graph:
            return []
        found = next(filter(None, (visit(each, [*path, name]) for each in graph[name])), [])
        done.add(name)
        return found

    return next(filter(None, (visit(name, []) for name in graph)), [])


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    """Also those with nothing but types: comments import from them by the same rule."""
    paths = [path for ending in ("*.js", "*.d.ts") for path in MODULES.rglob(ending)]
    return {str(path.relative_to(MODULES)): path.read_text() for path in paths}


def test_each_module_imports_only_what_its_room_may(modules):
    assert len(modules) > 40
    assert [wrong for name, source in modules.items() for wrong in wrong_imports(name, source, set(modules))] == []


def test_no_modules_import_each_other(modules):
    assert cycle(modules) == []


def test_transports_that_are_loaded_later_name_all_that_is_not_there_yet(modules):
    source = modules["net/transports/later.js"]
    later = {f"chat/net/transports/{name}" for name in re.findall(r'import\("\./(\w+\.js)"\)', source)}
    assert len(later) == 2
    needed = later.union(*map(graph, later)).difference(graph("chat/pages/room.js"))
    (named,) = re.findall("^const FILES = .*", source, re.MULTILINE)
    assert needed == {f"chat/net/transports/{name}" for name in re.findall(r'"(.+?)"', named)}


def test_every_handler_of_keys_leaves_those_of_an_input_method_alone(modules):
    """There is one way to hear of keys, `onKey` of `lib/keys.js`, and it does."""
    assert [name for name, source in modules.items() if re.search(r"key(down|up|press)\b", source)] == ["lib/keys.js"]
    for sign in ("isComposing", "229"):
        assert sign in modules["lib/keys.js"]


def test_every_key_of_the_page_is_in_the_registry(modules):
    """So the sheet of keys, which is drawn from it, has them all; and each of them is acted upon.

    The picker's are those of any grid, as long as it is open.
    """
    known = {"lib/keys.js", "views/shell/keys.js", "views/emoji/picker.js"}
    assert {name for name, source in modules.items() if "onKey(" in source} == known
    listed = set(re.findall(r'\{ id: "([\w-]+)"', modules["views/shell/keys.js"]))
    acted = {name for source in modules.values() for name in re.findall(r'onPressed\(\s*"([\w-]+)"', source)}
    assert listed - acted == {"new-line", "to-messages"}  # The browser's own.
    assert acted <= listed


def test_no_module_evades_the_types(modules):
    evasion = re.compile(r"@ts-|[{<(|,:] ?any ?[}>)|,;=\[]")
    assert evasion.search("/** @param {any[]} rows */")
    assert [name for name, source in modules.items() if evasion.search(source)] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("lib/a.js", 'import { Rooms } from "../store/rooms.js"'),
        ("store/a.js", 'import { Connection } from "../net/connection.js"'),
        ("views/shell/a.js", 'const net = await import("../../net/connection.js")'),
        ("app/a.js", 'import "../pages/room.js"'),
        ("views/a.js", 'import { gone } from "../lib/gone.js"'),
        ("elsewhere/a.js", ""),
    ],
)
def test_a_wrong_module_is_found(name, source, modules):
    assert len(wrong_imports(name, source, set(modules))) == 1


def test_a_circle_is_found():
    circle = {"lib/a.js": 'import { b } from "./b.js"', "lib/b.js": 'import { a } from "./a.js"'}
    assert cycle(circle) == ["lib/a.js", "lib/b.js"]
