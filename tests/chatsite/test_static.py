"""Static files of this release and of others, as processes that share a data folder serve them."""

import gzip
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage
from django.test import override_settings

from chatsite import releases, static

FOREVER = "max-age=31536000, immutable"
LONG = "const answer = 42\n" * 40


async def _pages(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ask(process: static.Released, release: str, path: str, method: str = "GET", **headers: str):
    """The answer of a process to a request for a file of a release."""
    sent = []

    async def send(message):
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": f"/static/{release}/{path}", "root_path": "", "headers": named}
    await process(scope, None, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return SimpleNamespace(status=sent[0]["status"], headers=found, body=sent[1]["body"])


@pytest.fixture
def root(tmp_path) -> Path:
    """Where the processes keep their releases."""
    return tmp_path / "static"


@pytest.fixture
def start(tmp_path, root, monkeypatch) -> Callable[..., tuple[static.Released, str]]:
    """Starts a process with these files: `start({"one.js": "1"})`. Itself and the name of its release."""
    monkeypatch.setattr(static.finders, "get_finders", lambda: [FileSystemFinder()])
    sources, name_of_files = tmp_path / "sources", static.release.__wrapped__

    def run(files: dict[str, str]) -> tuple[static.Released, str]:
        for path, text in files.items():
            (sources / path).parent.mkdir(parents=True, exist_ok=True)
            (sources / path).write_text(text)
        with override_settings(STATICFILES_DIRS=[sources], DEBUG=False):
            name = name_of_files()
            monkeypatch.setattr(static, "release", lambda: name)
            return static.Released(_pages, root), name

    return run


async def test_processes_serve_each_others_releases(start):
    old_process, old = start({"one.js": "old"})
    new_process, new = start({"one.js": "new"})
    assert old != new
    for process in (old_process, new_process):
        for release, text in ((old, b"old"), (new, b"new")):
            answer = await ask(process, release, "one.js")
            assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, text, FOREVER)


async def test_a_page_of_a_release_that_nobody_knows_gets_what_there_is_and_does_not_keep_it(start):
    process, _ = start({"one.js": "1"})
    answer = await ask(process, "0123456789ab", "one.js")
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, b"1", "max-age=0")
    assert (await ask(process, "0123456789ab", "other.js")).status == 404


@pytest.mark.parametrize("path", ["../secret_key", "../../secret_key", "chat/../one.js", "one.js.gz", "one.js/", ""])
async def test_nothing_but_files_of_a_release_is_served(start, root, path):
    process, name = start({"one.js": LONG})
    (root.parent / "secret_key").write_text("secret")
    (root / "secret_key").write_text("secret")
    await ask(process, name, "one.js", accept_encoding="gzip")
    assert (await ask(process, name, path)).status == 404


async def test_the_last_few_releases_are_kept(start, root, monkeypatch):
    monkeypatch.setattr(releases, "KEPT", 3)
    (root / "admin").mkdir(parents=True)  # As `collectstatic` leaves it.
    names = []
    for age in range(6):
        process, name = start({"one.js": str(age)})
        names.append(name)
        os.utime(root / name, (1_000_000 + age, 1_000_000 + age))
    assert {path.name for path in root.iterdir()} == {*names[3:], "admin"}
    assert (await ask(process, names[0], "one.js")).body == b"5"


async def test_a_release_that_is_started_again_is_not_the_oldest(start, root, monkeypatch):
    monkeypatch.setattr(releases, "KEPT", 2)
    _, first = start({"one.js": "1"})
    _, second = start({"one.js": "2"})
    for name in (first, second):
        os.utime(root / name, (1_000_000, 1_000_000))
    start({"one.js": "1"})
    _, third = start({"one.js": "3"})
    assert {path.name for path in root.iterdir()} == {first, third}


async def test_a_process_whose_folder_is_removed_serves_its_sources(start, root):
    process, name = start({"one.js": "1"})
    (root / name / "one.js").unlink()
    (root / name).rmdir()
    answer = await ask(process, name, "one.js")
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, b"1", "max-age=0")


async def test_without_a_folder_to_write_to_a_process_serves_its_own_release_alone(start, root):
    root.write_text("a file, in which even root can make no folder")
    process, name = start({"one.js": LONG})
    answer = await ask(process, name, "one.js", accept_encoding="gzip")
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, LONG.encode(), FOREVER)


def test_processes_that_start_at_once_leave_one_complete_folder(start, root):
    _, name = start({f"{number}.js": "x" for number in range(50)})
    shutil.rmtree(root)
    storage = FileSystemStorage(root.parent / "sources")
    sources = [(f"{number}.js", storage) for number in range(50)]
    with ThreadPoolExecutor(8) as threads:
        folders = set(threads.map(lambda _: releases.publish(root, name, sources), range(8)))
    assert folders == {root / name}
    assert [path.name for path in root.iterdir()] == [name]
    assert len(list((root / name).iterdir())) == 50


def test_what_a_killed_process_left_is_removed_after_an_hour(start, root):
    (root / ".draft-old").mkdir(parents=True)
    (root / ".draft-file").touch()
    (root / ".draft-new").mkdir()
    past = time.time() - releases.DRAFT_SECONDS - 1
    for name in (".draft-old", ".draft-file"):
        os.utime(root / name, (past, past))
    _, name = start({"one.js": "1"})
    assert {path.name for path in root.iterdir()} == {".draft-new", name}


# Compressed.


async def test_who_accepts_it_gets_a_file_compressed_once_for_all_processes(start, root, monkeypatch):
    process, name = start({"one.js": LONG})
    answer = await ask(process, name, "one.js", accept_encoding="gzip, deflate")
    assert gzip.decompress(answer.body) == LONG.encode()
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == FOREVER
    monkeypatch.setattr(releases, "compress", None)
    other, _ = start({"one.js": LONG})
    assert (await ask(other, name, "one.js", accept_encoding="gzip")).body == answer.body
    assert {path.name for path in root.iterdir()} == {name}


async def test_who_accepts_it_gets_the_smallest(start):
    brotli = pytest.importorskip("brotli")
    process, name = start({"one.js": LONG})
    answer = await ask(process, name, "one.js", accept_encoding="gzip, deflate, br, zstd")
    assert (answer.headers["content-encoding"], brotli.decompress(answer.body)) == ("br", LONG.encode())


@pytest.mark.parametrize("accepted", [{}, {"accept_encoding": "gzip;q=0"}, {"accept_encoding": "identity"}])
async def test_who_does_not_accept_it_gets_a_file_as_it_is(start, accepted):
    process, name = start({"one.js": LONG})
    await ask(process, name, "one.js", accept_encoding="gzip")
    answer = await ask(process, name, "one.js", **accepted)
    assert (answer.body, answer.headers["vary"]) == (LONG.encode(), "Accept-Encoding")
    assert "content-encoding" not in answer.headers


async def test_a_file_of_a_compressed_kind_is_not_compressed_again(start, root):
    process, name = start({"one.png": LONG})
    assert (await ask(process, name, "one.png", accept_encoding="gzip")).body == LONG.encode()
    assert [path.name for path in (root / name).iterdir()] == ["one.png"]


async def test_a_full_disk_costs_the_compression_alone(start, monkeypatch):
    process, name = start({"one.js": LONG})
    tried = []

    def full(*arguments):
        tried.append(arguments)
        raise OSError

    monkeypatch.setattr(releases, "compress", full)
    for _ in range(2):
        assert (await ask(process, name, "one.js", accept_encoding="gzip")).body == LONG.encode()
    assert len(tried) == 1


async def test_a_part_of_a_file_is_one_of_the_file_as_it_is(start):
    process, name = start({"one.js": LONG})
    part = await ask(process, name, "one.js", accept_encoding="gzip", range="bytes=6-11")
    assert (part.status, part.body) == (206, b"answer")
    assert "content-encoding" not in part.headers
    whole = await ask(process, name, "one.js", range="bytes=6-11", if_range='"of before"')
    assert (whole.status, whole.body) == (200, LONG.encode())


async def test_an_unchanged_file_that_is_not_kept_is_not_sent_again_compressed_or_not(start):
    process, _ = start({"one.js": LONG})
    for accepted in ({}, {"accept_encoding": "gzip"}):
        tag = (await ask(process, "0123456789ab", "one.js", **accepted)).headers["etag"]
        assert tag.startswith("W/")  # One for both: they say the same in other bytes.
        again = await ask(process, "0123456789ab", "one.js", if_none_match=tag, **accepted)
        assert (again.status, again.body, again.headers["vary"]) == (304, b"", "Accept-Encoding")
    assert (await ask(process, "0123456789ab", "one.js", if_none_match='W/"0123456789ab"')).status == 200


async def test_the_head_of_a_file_that_is_kept_has_only_what_is_of_use(start):
    process, name = start({"one.js": LONG})
    answer = await ask(process, name, "one.js", accept_encoding="gzip")
    assert answer.headers == {
        "content-type": "text/javascript",
        "cache-control": FOREVER,
        "x-content-type-options": "nosniff",
        "vary": "Accept-Encoding",
        "content-length": str(len(answer.body)),
        "content-encoding": "gzip",
    }


# A release changes the files.


async def test_a_style_sheet_is_published_with_those_that_it_imports(start):
    files = {"pages/room.css": '@import "../base.css";\n@import "../none.css";\nb {}\n', "base.css": "a {}\n"}
    process, name = start(files)
    assert (await ask(process, name, "pages/room.css")).body == b'a {}\n@import "../none.css";\nb {}\n'


async def test_only_what_is_the_chats_own_is_published_without_its_comments(start):
    files = {f"{owner}/one.{kind}": f"/*! {kind} */\na" for owner in ("chat", "admin") for kind in ("js", "css")}
    process, name = start(files)
    for path, text in files.items():
        published = "\na" if path.startswith("chat/") else text
        assert (await ask(process, name, path)).body == published.encode()


async def test_a_style_sheet_that_is_imported_loses_its_comments_too(start):
    files = {"chat/room.css": '@import "base.css";\nb {} /* c */\n', "chat/base.css": "/* a */\na {}\n"}
    process, name = start(files)
    assert (await ask(process, name, "chat/room.css")).body == b"\na {}\nb {}\n"
