"""Runs a command with `DATABASE_URL` naming a real PostgreSQL, started for it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import Postgres


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="chatsite-") as folder, Postgres(Path(folder) / "pgdata") as server:
        environment = {**os.environ, "DATABASE_URL": server.url}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
