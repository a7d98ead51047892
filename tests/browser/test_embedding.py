"""The chat in somebody else's project: docs/embedding.md, done word by word in a new one."""

import ast
import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playwright.sync_api import expect

from tests.patience import PATIENCE
from tests.ports import free_port
from tests.servers import ROOT, wait_for
from tests.tools import run

pytestmark = pytest.mark.proof

DOCUMENT = ROOT / "docs/embedding.md"
PROGRAMS = {"pip": "pip", "django-admin": "django", "daphne": "daphne"}
SERVERS = {"runserver": "{}", "daphne": "--port {}"}
"""How each of the document's servers is told another port than its own."""


def steps() -> Iterator[tuple[str, str]]:
    """The steps that the document asks for, in order: a file and what is appended to it, or "" and a command."""
    boxes = re.findall(r"^([^\n]*)\n\n```(\w+)\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    for before, language, text in boxes:
        if language == "python":
            (file,) = re.findall(r"^At the end of `(mysite/\w+\.py)`:$", before)
            yield file, text
        else:
            assert language == "sh"
            yield from (("", line) for line in text.splitlines())


def is_server(command: str) -> bool:
    return any(word in SERVERS for word in shlex.split(command))


class Project:
    """A new project, with an environment in which nothing is installed but what this repository's site needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        bin_folder = folder / "environment" / "bin"
        run(sys.executable, "-m", "venv", "--without-pip", str(bin_folder.parent))
        (packages,) = bin_folder.parent.glob("lib/python*/site-packages")
        (ours,) = (path for path in sys.path if path.endswith("site-packages") and "lib/" in path)
        (packages / "ours.pth").write_text(ours)
        for name, module in PROGRAMS.items():
            program = bin_folder / name
            program.write_text(f'#!/bin/sh\nexec {bin_folder}/python -m {module} "$@"\n')
            program.chmod(0o755)
        # Nothing comes from the network: what the package asks for must be met by the versions that the site has.
        without = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "DATA_DIR", "PYTHONPATH")
        self.environment = {name: value for name, value in os.environ.items() if name not in without} | {
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0",
        }  # fmt: skip
        (self.folder / "chatsite").symlink_to(ROOT)
        self.run("django-admin startproject mysite .")

    def run(self, command: str) -> str:
        return run("/bin/sh", "-ec", command, cwd=self.folder, env=self.environment)

    def follow(self) -> None:
        for file, text in steps():
            if file:
                with (self.folder / file).open("a") as end:
                    end.write(text)
            elif not is_server(text):
                self.run(text)

    @contextlib.contextmanager
    def serve(self, server: str) -> Iterator[str]:
        """The project's address under one of the document's servers; ended with the block."""
        (command,) = (text for file, text in steps() if not file and server in shlex.split(text))
        port = free_port()
        words = shlex.split(f"{command} {SERVERS[server].format(port)}")
        log = self.folder / f"{server}.log"
        with log.open("w") as output:
            program = subprocess.Popen(
                words, cwd=self.folder, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(lambda: program.poll() is not None or is_ready(url), f"{command}:\n{log.read_text()}")
            assert program.poll() is None, log.read_text()
            yield url
        finally:
            os.killpg(program.pid, signal.SIGKILL)  # `runserver` has a child.
            program.wait()


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/chat/readyz", timeout=PATIENCE) as response:  # noqa: S310
            return response.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    project = Project(tmp_path_factory.mktemp("embedding"))
    project.follow()
    password = {"DJANGO_SUPERUSER_PASSWORD": "of the project"}
    project.environment |= password
    project.run("python manage.py createsuperuser --no-input --username staff-17 --email staff@example.org")
    return project


def test_the_package_brings_all_that_the_chat_imports():
    """Each package that a module imports is one that pip takes along, or that an extra names."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]
    extras = chain.from_iterable(wanted["optional-dependencies"].values())
    brought = set()
    coming = {name_of(each) for each in [*wanted["dependencies"], *extras]}
    while coming:  # Twisted comes with Daphne, for example, and zope.interface with that.
        brought |= coming
        asked = {each for name in coming for each in requires(name) or [] if "extra ==" not in each}
        coming = {name_of(each) for each in asked if is_installed(each)} - brought
    distributions = packages_distributions()
    for path in (ROOT / "chat").rglob("*.py"):
        for module in top_level_imports(path):
            assert {name_of(each) for each in distributions.get(module, [module])} & brought, (path, module)


def name_of(requirement: str) -> str:
    return canonicalize_name(Requirement(requirement).name)


def is_installed(requirement: str) -> bool:
    return (marker := Requirement(requirement).marker) is None or marker.evaluate()


def top_level_imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
    return found - set(sys.stdlib_module_names) - {"chat"}


def test_a_new_project_is_made_as_the_document_says(project):
    """The wheel has templates, migrations and static files, and nothing of the site around them."""
    where = "import chat, importlib.util, pathlib; print(pathlib.Path(chat.__file__).parent)"
    folder = Path(project.run(f"python -c '{where}'").strip())
    assert "environment" in folder.parts
    for source, installed in [("chat", folder), ("templates/chat", folder / "templates/chat")]:
        ours = {
            str(path.relative_to(ROOT / source))
            for path in (ROOT / source).rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }
        assert ours <= {str(path.relative_to(installed)) for path in installed.rglob("*")}
    assert not list(folder.parent.glob("chatsite/")), "The site itself is not installed."
    assert "0 silenced" in project.run("python manage.py check")


@pytest.mark.parametrize("server", SERVERS)
def test_people_talk_in_a_new_project(project, visit, server):
    with project.serve(server) as url:
        alice, bob = visit(None, url, home="/chat/"), visit(None, url, home="/chat/")
        # A user of the project, who has signed in there, is asked for a nickname once.
        alice.page.goto("/admin/")
        alice.page.get_by_label("Username").fill("staff-17")
        alice.page.get_by_label("Password").fill("of the project")
        alice.page.get_by_role("button", name="Log in").click()
        alice.page.wait_for_url("**/admin/")
        alice.faults.clear()  # The project has no icon for its own pages.
        alice.page.goto("/chat/")
        if server == "runserver":
            alice.page.get_by_label("Nickname").fill("alice")
            alice.page.keyboard.press("Enter")
        alice.wait_until_live()
        expect(alice.page).to_have_url(f"{url}/chat/rooms/lobby/")
        # A guest.
        bob.join(f"bob under {server}")
        bob.go("/chat/rooms/lobby/")
        for person in (alice, bob):
            expect(person.page.locator("body")).to_have_attribute("data-transport", "socket")
        alice.say("Hello from the project")
        expect(bob.message("Hello from the project").last).to_be_visible()
        bob.say(f"Hello over {server}")
        expect(alice.message(f"Hello over {server}")).to_be_visible()
