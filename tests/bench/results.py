"""Results, kept by measure, so that one can be taken again without the others."""

import json
from pathlib import Path
from typing import Any

from tests.servers import ROOT

FOLDER = ROOT / "var" / "bench"


class Results:
    """Figures of measures, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept = json.loads(path.read_text()) if path.exists() else {}
        self.machine: dict[str, str] = kept.get("machine", {})
        self.measures: dict[str, dict[str, Any]] = kept.get("measures", {})

    def keep(self, measure: str, figures: dict[str, Any], machine: dict[str, str]) -> None:
        self.measures[measure] = figures
        self.machine = machine
        self._path.write_text(json.dumps({"machine": self.machine, "measures": self.measures}, indent=1) + "\n")
