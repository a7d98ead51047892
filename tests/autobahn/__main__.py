"""Runs all cases against the site's echo and against Daphne's own, and shows how they differ.

Ends with status 1 if any case is worse with the site than with Daphne.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.autobahn.cases import all_cases
from tests.autobahn.peer import Peer
from tests.servers import NO_LIMITS, Site, daphne

AT_ONCE = 4
LONGEST_SECONDS = 300
WORSE = ["OK", "INFORMATIONAL", "NON-STRICT", "FAILED BY CLIENT", "WRONG CODE", "UNCLEAN", "FAILED"]
"""How a case ends, the better first."""


class Outcome(NamedTuple):
    behavior: str
    close: str

    @property
    def rank(self) -> tuple[int, int]:
        """Informational cases are as good as any."""
        return max(1, WORSE.index(self.behavior)), max(1, WORSE.index(self.close))


async def run(case: type, port: int) -> Outcome:
    loop = asyncio.get_running_loop()
    _, peer = await loop.create_connection(lambda: Peer(case, port), "127.0.0.1", port)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await peer.gone.wait()
    finally:
        peer.transport.abort()
    return Outcome(peer.case.behavior, peer.case.behaviorClose)


async def run_all(port: int) -> dict[str, Outcome]:
    waiting = list(all_cases().items())[::-1]
    outcomes: dict[str, Outcome] = {}

    async def run_some() -> None:
        while waiting:
            number, case = waiting.pop()
            outcomes[number] = await run(case, port)

    await asyncio.gather(*(run_some() for _ in range(AT_ONCE)))
    return outcomes


class BareDaphne(Site):
    application = "tests.autobahn.echo:application"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with daphne(Path(folder) / "site", **NO_LIMITS) as site:
            ours = asyncio.run(run_all(site.port))
        bare = BareDaphne(Path(folder))
        bare.start()
        try:
            daphnes = asyncio.run(run_all(bare.port))
        finally:
            bare.stop()
    sys.exit(show(ours, daphnes))


def show(ours: dict[str, Outcome], daphnes: dict[str, Outcome]) -> int:
    print(f"{'':28}{'the site':>10}{'Daphne':>10}")
    for kind, place in (("behavior", 0), ("close", 1)):
        counts = [Counter(outcome[place] for outcome in outcomes.values()) for outcomes in (ours, daphnes)]
        for name in WORSE:
            if any(count[name] for count in counts):
                print(f"{kind + ': ' + name:28}{counts[0][name]:>10}{counts[1][name]:>10}")
    print(f"{'cases':28}{len(ours):>10}{len(daphnes):>10}")
    worse = 0
    for number, outcome in ours.items():
        is_worse = any(one > other for one, other in zip(outcome.rank, daphnes[number].rank, strict=True))
        worse += is_worse
        if outcome != daphnes[number] or outcome.rank != (1, 1):
            names = [f"{one.behavior} / {one.close}" for one in (outcome, daphnes[number])]
            print(f"{number:8} {names[0]:30} {names[1]:30} {'worse' if is_worse else ''}")
    return 1 if worse else 0


if __name__ == "__main__":
    main()
