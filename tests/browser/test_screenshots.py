"""The pictures of all pages can be taken: whoever changes a page wants to look at them."""

import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.proof
@pytest.mark.parametrize("look", ["wide-light-en", "narrow-dark-zh-hans"])
def test_each_page_and_each_state_is_in_the_pictures_of_a_look(tmp_path, look):
    command = [sys.executable, "-m", "tests.browser.screenshot", "--all", "--only", look, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list(tmp_path.glob(f"*-{look}.png"))) > 30
