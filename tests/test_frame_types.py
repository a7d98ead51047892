"""The page's types of frames (`lib/frames.d.ts`) say what the wire says: its examples are checked against them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DENO = Path(sys.executable).parent / "deno"
TYPES = ROOT / "chat/static/chat/lib/frames.d.ts"
EXAMPLES = sorted((ROOT / "tests/frames").glob("*/*.json"))
SIDES = {"client": "ClientFrame", "server": "ServerFrame"}


@pytest.fixture
def check(tmp_path):
    """Deno's findings about frames, each with its type: `check([("ServerFrame", "{…}")])`. Empty if all is well."""

    def run(frames: list[tuple[str, str]]) -> str:
        source = [f'import type {{ ClientFrame, ServerFrame }} from "{TYPES.as_uri()}"']
        source += [f"export const frame{place}: {kind} = {text}" for place, (kind, text) in enumerate(frames)]
        module = tmp_path / "frames.ts"
        module.write_text("\n".join(source))
        command = [DENO, "check", "--quiet", "--config", ROOT / "deno.json", module]
        environment = {**os.environ, "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1", "DENO_DIR": str(tmp_path / "deno")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode else ""

    return run


def test_each_example_of_a_frame_has_the_type_that_the_page_gives_it(check):
    assert len(EXAMPLES) > 25
    assert check([(SIDES[path.parent.name], path.read_text()) for path in EXAMPLES]) == ""


def test_a_frame_that_the_page_does_not_know_is_found(check):
    said = check(
        [
            ("ServerFrame", '{"type":"ack","client_id":"c-1","room":7,"number":41}'),
            ("ServerFrame", '{"type":"removed","room":7,"why":"banned"}'),
            ("ClientFrame", '{"type":"shout"}'),
        ]
    )
    assert "Found 3 errors" in said
