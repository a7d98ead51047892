"""`python -m tests.delivery.mutants`: breaks each promise on purpose; the short proof must notice.

Ends with 1 if it does not: a proof that stays green is a defect of the proof.
"""

import asyncio
import dataclasses
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from tests.delivery import processes, rights
from tests.delivery.clusters import Clusters
from tests.delivery.figures import Figures
from tests.delivery.scale import SHORT, Scale
from tests.servers import Cluster

SCALE = dataclasses.replace(SHORT, people=40, room_size=20, posts_per_second=40, seconds=6, kills=8)


class Mutant(NamedTuple):
    name: str
    proof: Callable[[Cluster, Scale], Awaitable[Figures]]
    besides: str = ""
    """A fault without which the promise is not put to the test."""


MUTANTS = [
    Mutant("ack_before_commit", processes.kills),
    Mutant("announce_before_commit", processes.kills),
    Mutant("forget_edits", processes.kills),
    Mutant("forget_reactions", processes.kills),
    Mutant("without_the_unique_index", processes.swallowed_acks, "swallow_acks"),
    Mutant("without_gap_repair", processes.delayed_announcements, "delay_announcements"),
    Mutant("held_for_ever", processes.lost_events, "lose_events"),
    Mutant("without_revocation", rights.canaries),
    Mutant("check_with_stale_heads", rights.brought_in, "look_slowly"),
]


async def verdict_on(mutant: Mutant, folder: Path) -> str:
    """The proof's findings against it; "" if it has noticed nothing."""
    with Clusters(folder) as clusters:
        cluster = await asyncio.to_thread(clusters.of, faults=f"{mutant.name} {mutant.besides}".strip())
        try:
            return (await mutant.proof(cluster, SCALE)).verdict
        except TimeoutError:
            return "never equal"


def main(names: list[str]) -> int:
    survivors = 0
    print("| mutant | proof | what it says |\n| --- | --- | --- |")
    for mutant in MUTANTS:
        if names and mutant.name not in names:
            continue
        with tempfile.TemporaryDirectory(prefix="chatsite-") as folder:
            verdict = asyncio.run(verdict_on(mutant, Path(folder)))
        survivors += not verdict
        print(f"| {mutant.name} | {mutant.proof.__name__} | {verdict or '**nothing: it survives**'} |", flush=True)
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
