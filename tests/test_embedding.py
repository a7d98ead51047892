"""The chat in somebody else's project."""

import os
import subprocess
import sys

from tests.servers import ROOT


def test_a_user_of_another_project_talks_in_it_with_that_project_s_own_sessions_and_users(tmp_path):
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.embedding.settings"}
    command = [sys.executable, "-m", "tests.embedding"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "hello alice" in done.stdout
