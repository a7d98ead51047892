"""The settings, in a process of their own."""

import subprocess
from pathlib import Path

from tests.commands import run


def run_settings(code: str = "", **variables: str) -> subprocess.CompletedProcess:
    """Runs code after `from chatsite import settings as s`, in an environment that says only this."""
    return run("-c", f"from chatsite import settings as s\n{code}", data_dir=None, **variables)


def settings(data_dir: Path, expression: str, **variables: str) -> str:
    """The value of an expression over the settings."""
    done = run_settings(f"print({expression})", DATA_DIR=str(data_dir), **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
