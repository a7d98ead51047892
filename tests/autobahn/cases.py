"""The cases of the Autobahn testsuite, as its package has them, which is written for Python 2.

Nothing of them is kept here: each file is read where it is installed and made Python 3 on the way. A string of theirs
is bytes; here it is a text of the characters 0 to 255, which the peer sends as the bytes that they are.
"""

import binascii
import builtins
import importlib.util
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from autobahn.websocket.utf8validator import Utf8Validator

# Left out: compression, which is not offered, and messages of more than 64 KiB, which are not taken.
_LEFT_OUT = re.compile(r"Case(1[23]|9_[3-69]|9_[12]_[2-6])_")
_NAME = re.compile(r"Case(\d+(?:_\d+)+)$")

_loaded: dict[str, ModuleType] = {}


def all_cases() -> dict[str, type]:
    """The cases by their numbers, such as `6.4.1`, in their order."""
    found = {}
    for file in _folder().glob("case[0-9]*.py"):
        if _LEFT_OUT.match(f"C{file.stem[1:]}_"):
            continue
        for value in vars(_load(file.stem)).values():
            for one in value if isinstance(value, list) else [value]:
                name = _NAME.match(one.__name__) if isinstance(one, type) else None
                if name and not _LEFT_OUT.match(f"{one.__name__}_"):
                    found[name[1].replace("_", ".")] = one
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


def _folder() -> Path:
    package = importlib.util.find_spec("autobahntestsuite")
    assert package
    assert package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / "case"


def _load(name: str) -> ModuleType:
    if name not in _loaded:
        module = _loaded[name] = ModuleType(name)
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import, "xrange": range}
        source = (_folder() / f"{name}.py").read_text("latin-1")
        exec(compile(_translated(source), name, "exec"), vars(module))  # noqa: S102
        if name == "case":
            vars(module)["Case"].compare = lambda _, one, other: one == other  # Theirs compares how they are pickled.
    return _loaded[name]


def _translated(source: str) -> str:
    source = re.sub(r"^(\s*)print\b.*$", r"\1pass", source, flags=re.MULTILINE)
    return source.replace("(object, Case, )", "(Case, )").replace(") / self.", ") // self.")


def _import(name: str, *arguments: Any) -> Any:
    if (_folder() / f"{name}.py").exists():
        return _load(name)  # From beside it, as Python 2 does.
    if name == "binascii":
        return SimpleNamespace(b2a_hex=lambda text: binascii.b2a_hex(text.encode("latin-1")).decode())
    if name == "autobahn.websocket.utf8validator":
        return SimpleNamespace(Utf8Validator=_Validator)
    return builtins.__import__(name, *arguments)


class _Validator:
    def __init__(self) -> None:
        self._real = Utf8Validator()
        self.reset = self._real.reset

    def validate(self, text: str) -> Any:
        return self._real.validate(text.encode("latin-1"))
