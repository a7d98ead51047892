"""Who may import whom: the rules of docs/design.md, read from the sources."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LIVE = [
    "chat.live", "chat.layers", "chat.server", "chat.actions", "chat.queries", "chat.models", "chat.limits",
    "chat.addresses", "chat.conf", "chat.refusals", "chat.paths",
]  # fmt: skip

# What each part may import of ours and of others, besides the standard library and itself. The first part
# that a module is in counts.
RULES = {
    "chat.text": ["confusable_homoglyphs"],
    "chat.live.protocol": ["msgspec", "chat.refusals", "chat.text"],
    "chat.refusals": [],
    "chat.limits": ["chat.refusals"],
    "chat.paths": ["django"],
    "chat.conf": ["django"],
    "chat.addresses": ["chat.conf", "chat.limits", "chat.refusals"],
    "chat.models": ["django", "chat.paths"],
    "chat.prepared": ["django"],
    "chat.queries": ["django", "chat.models", "chat.prepared", "chat.text"],
    "chat.actions": [
        "django", "chat.models", "chat.prepared", "chat.queries", "chat.text", "chat.live.events", "chat.refusals",
        "chat.addresses", "chat.conf", "chat.limits",
    ],
    "chat.layers": ["channels", "channels_redis", "redis", "hiredis"],
    "chat.server.rfc6455": [],
    "chat.server": ["daphne", "twisted", "zope"],
    "chat.live": ["django", "channels", "asgiref", "msgspec", *LIVE],
    "chat.doctor.redis": ["channels_redis", "redis", "chat.doctor", "chat.layers"],
    "chat.doctor": [
        "django", "asgiref", "channels", "chat.models", "chat.conf", "chat.layers", "chat.server.files", "chat.live",
        "chat.paths", "chat.views.health", "chat.addresses",
    ],
    "chat.management": [
        "django", "channels", "chat.doctor", "chat.models", "chat.actions", "chat.queries", "chat.refusals",
    ],
    "chat.forms": ["django", "chat.models"],
    "chat.views.health": ["django", "chat.live.readiness", "chat.views.doors", "chat.addresses"],
    "chat.views": [
        "django", "msgspec", "chat.forms", "chat.queries", "chat.actions", "chat.models", "chat.conf", "chat.limits",
        "chat.addresses", "chat.refusals", "chat.text", "chat.live.protocol", "chat.live.wire", "chat.paths",
    ],
    "chat.routing": [
        "django", "chat.live", "chat.server", "chat.paths", "chat.conf",
    ],
    "chat": ["django"],  # What joins the parts together, such as urls and admin, knows them all.
}  # fmt: skip


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@cache
def modules() -> dict[str, Path]:
    """All modules of the chat app but its migrations, by name."""
    paths = [path for path in (ROOT / "chat").rglob("*.py") if "migrations" not in path.parts]
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)
    return dict(zip(names, paths, strict=True))


@cache
def imported(name: str, path: Path) -> set[str]:
    """What a module imports, wherever in it: `from chat import queries` is `chat.queries`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports relatively"
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {one if one in modules() else str(node.module) for one in full}
    return {module for module in found if not is_standard(module)}


def is_standard(module: str) -> bool:
    return module.split(".")[0] in sys.stdlib_module_names


@pytest.mark.parametrize("name", modules())
def test_a_module_imports_only_what_its_part_may(name):
    part = next(package for package in RULES if is_in(name, package))
    allowed = [part, *RULES[part]]
    strangers = {module for module in imported(name, modules()[name]) if not any(is_in(module, one) for one in allowed)}
    assert not strangers, f"{name} imports {', '.join(sorted(strangers))}; it may import {', '.join(allowed)}"


@pytest.mark.parametrize("name", modules())
def test_nothing_in_chat_knows_the_site_or_uses_signals_between_modules(name):
    banned = {"chatsite", "django.dispatch"}
    assert not {module for module in imported(name, modules()[name]) if any(is_in(module, one) for one in banned)}


def test_only_conf_reads_settings_of_its_own():
    readers = {name for name, path in modules().items() if "settings.CHAT_" in path.read_text()}
    assert readers <= {"chat.conf"}


def test_only_actions_write():
    """No other module of the app calls what stores: the tests of permission would have to know of it."""
    storing = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "delete", "save", "update"}
    writing = storing | {f"a{name}" for name in storing}
    for name, path in modules().items():
        # The doctor tries whether it could, and takes it back.
        if is_in(name, "chat.actions") or name == "chat.doctor.database":
            continue
        called = {
            node.func.attr
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "rooms")
            # Sets and dictionaries are updated too, but not by the names of fields.
            and not (node.func.attr == "update" and not node.keywords)
        }
        assert not called & writing, f"{name} calls {called & writing}"
