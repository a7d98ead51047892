"""The chat in somebody else's project."""

import os
import sys

from tests.servers import ROOT
from tests.tools import run


def test_a_user_of_another_project_talks_in_it_with_that_project_s_own_sessions_and_users(tmp_path):
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.embedding.settings"}
    assert "hello alice" in run(sys.executable, "-m", "tests.embedding", cwd=ROOT, env=environment)
