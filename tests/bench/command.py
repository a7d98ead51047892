"""The command line of the benchmark."""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvloop

from tests.bench import machine, node, profiles, report
from tests.bench import scale as scales
from tests.bench.measures import MEASURES, talk
from tests.bench.results import FOLDER, Results
from tests.bench.rows import FIRST, ROWS
from tests.bench.scale import Scale
from tests.bench.transports import measure
from tests.bench.transports import report as report_of_transports

FILES = 65536
QUICK, TRANSPORTS = "quick", "transports"


def main(words: list[str]) -> int:
    options = _options(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that no server outlives the benchmark.
    machine.open_files(FILES)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if options.profile:
        profiles.folder = FOLDER / "profiles"
        profiles.folder.mkdir(exist_ok=True)
    # Not in /tmp, which may lie in memory: the databases are to be written to a disk.
    with tempfile.TemporaryDirectory(prefix="run-", dir=FOLDER) as name, machine.pinned(machine.OTHERS):
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run as another user.
        if options.measures == [QUICK]:
            quick(folder, _scale(options, quick=True))
        elif options.measures == [TRANSPORTS]:
            transports(folder, _scale(options), options.scale == "full")
        else:
            take(folder, _scale(options), options.measures or list(MEASURES), options.scale == "full")
    return 0


def quick(folder: Path, scale: Scale) -> None:
    figures = _run(talk.quick(folder, scale))
    print()
    print(report.table([row.verdict(figures.get(row.measure)) for row in FIRST]))


def transports(folder: Path, scale: Scale, as_document: bool) -> None:
    """The ways of hearing what is said, into a document of their own."""
    keeps = as_document and not profiles.folder
    results = Results(FOLDER / ("transports.json" if keeps else "transports-small.json"))
    about = machine.described(node.version(), folder)
    results.keep(TRANSPORTS, _run(measure.transports(folder, scale)), about)
    print(f"\n{report_of_transports.talk(results.measures[TRANSPORTS])}\n")
    if keeps:
        report_of_transports.write(results)
        print(f"{report_of_transports.DOCUMENT} and {report_of_transports.PICTURE} have these figures now.")


def take(folder: Path, scale: Scale, names: list[str], as_document: bool) -> None:
    """Takes measures one after the other. Only those of full size go into the documentation, and none under py-spy."""
    keeps = as_document and not profiles.folder
    results = Results(FOLDER / ("results.json" if keeps else "results-small.json"))
    about = machine.described(node.version(), folder)
    for name in names:
        began = time.monotonic()
        figures = _run(MEASURES[name](folder / name, scale))
        results.keep(name, figures, about)
        print(report.aims(results, [row for row in ROWS if row.measure == name]))
        print(f"({time.monotonic() - began:.0f} s)\n", flush=True)
        if keeps:
            report.write(results)
    if keeps:
        print(f"{report.DOCUMENT} and {report.PICTURE} have these figures now.")


def _run(measure: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure)


def _scale(options: argparse.Namespace, quick: bool = False) -> Scale:
    scale = scales.QUICK if quick and options.scale == "full" else scales.SCALES[options.scale]
    return replace(scale, rounds=options.rounds or scale.rounds)


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description="Measures the site beside its peers.")
    known = f"{', '.join(MEASURES)}; or alone: `{QUICK}`, for the first three ratios, or `{TRANSPORTS}`"
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"{known}. Without any: all of them")
    parser.add_argument("--rounds", type=int, help="how often each load is put on each server")
    parser.add_argument("--scale", choices=scales.SCALES, default="full", help="small: shows that all works, no more")
    parser.add_argument("--profile", action="store_true", help="py-spy beside each load, into var/bench/profiles")
    options = parser.parse_args(words)
    unknown = [word for word in options.measures if word not in MEASURES]
    if unknown and options.measures not in ([QUICK], [TRANSPORTS]):
        parser.error(f"there is no measure {unknown[0]}; there are {known}")
    return options
