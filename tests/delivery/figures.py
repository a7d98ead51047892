"""The figures of a row of the table."""

from dataclasses import dataclass, field

from tests.delivery.checker import WORDS
from tests.delivery.crowd import Crowd
from tests.delivery.records import OK


@dataclass
class Figures:
    fault: str
    sent: int = 0
    acknowledged: int = 0
    flaws: dict[str, list[str]] = field(default_factory=dict)
    seconds_until_equal: float | None = None
    notes: list[str] = field(default_factory=list)

    @classmethod
    async def of(cls, fault: str, crowd: Crowd, seconds_until_equal: float | None = None) -> "Figures":
        """The checker's verdict on what the crowd wrote down."""
        posts = crowd.posts
        acknowledged = sum(post.outcome == OK for post in posts)
        return cls(fault, len(posts), acknowledged, await crowd.flaws(), seconds_until_equal)

    def must(self, holds: bool, otherwise: str) -> None:
        """Something that is asked of this row besides the checker's words."""
        if not holds:
            self.flaws.setdefault("broken", []).append(otherwise)

    def note(self, text: str) -> None:
        self.notes.append(text)

    @property
    def verdict(self) -> str:
        """ "" if all is well; else the flaws, the first of each kind in words."""
        return "; ".join(f"{word}: {len(found)}, e.g. {found[0]}" for word, found in self.flaws.items())


HEADINGS = ["fault", "sent", "acknowledged", *WORDS, "leaked", "equal after", "besides"]


def table(rows: list[Figures]) -> str:
    """The rows in Markdown."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *(_cells(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(row: Figures) -> list[str]:
    counts = [str(len(row.flaws.get(word, []))) for word in (*WORDS, "leaked")]
    equal = "" if row.seconds_until_equal is None else f"{row.seconds_until_equal:.1f} s"
    besides = [*row.notes, *(f"**{flaw}**" for flaw in row.flaws.get("broken", []))]
    return [row.fault, f"{row.sent:,}", f"{row.acknowledged:,}", *counts, equal, "; ".join(besides)]
