"""Every delivery is counted and compared: a figure stands only if nobody won by losing, doubling or changing one."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

_TALK = (
    "Shall we take the early train, or is the one after breakfast soon enough for you? The café at the station opens "
    "at seven; whoever comes first keeps the table by the window, and the others bring what they have found so far. "
)


def body(voice: int, count: int) -> str:
    """The text of the message `voice.count`: its name, then 10 to 105 characters of talk."""
    turn = voice * 7 + count * 13
    return f"#{voice}.{count}# {_TALK[turn % 96 : turn % 96 + 10 + turn % 95]}"


def name_in(text: str) -> tuple[int, int] | None:
    """Which message this is, by its name; None if it has none."""
    name = text.partition("#")[2].partition("#")[0]
    return parsed(name)


def parsed(name: str) -> tuple[int, int] | None:
    voice, _, count = name.partition(".")
    return (int(voice), int(count)) if voice.isdecimal() and count.isdecimal() else None


@dataclass
class Flaws:
    """The faults: how often each kind, and the first of it in words."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        self.counts[kind] += 1
        self.examples.setdefault(kind, example)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __str__(self) -> str:
        return "; ".join(f"{kind}: {count}, e.g. {self.examples[kind]}" for kind, count in self.counts.items())


class View:
    """The messages for one socket. Of each voice in its rooms it is due every message once, in order, no other's."""

    __slots__ = ("_flaws", "_skipped", "_whose", "due")

    def __init__(self, whose: str, flaws: Flaws) -> None:
        self.due: dict[int, int] = {}
        """Of each voice the count that comes next."""
        self._whose = whose
        self._flaws = flaws
        self._skipped: dict[int, set[int]] = defaultdict(set)

    def take(self, voice: int, count: int) -> None:
        due = self.due.get(voice)
        if due == count:
            self.due[voice] = count + 1
        elif due is None:
            self._flaws.add("stray", f"{self._whose} was shown {voice}.{count} of a room it is not in")
        elif count > due:
            self._skipped[voice].update(range(due, count))
            self.due[voice] = count + 1
        elif count in self._skipped[voice]:
            self._skipped[voice].remove(count)
            self._flaws.add("reordered", f"{self._whose} was shown {voice}.{count} after {voice}.{due - 1}")
        else:
            self._flaws.add("doubled", f"{self._whose} was shown {voice}.{count} twice")

    def missing(self, voice: int, said: int) -> int:
        """How many of the `said` messages of a voice have not come."""
        return said - self.due[voice] + len(self._skipped[voice])

    def close(self, voice: int, said: int) -> None:
        """Nothing more will come: what is missing is lost."""
        lost = [*self._skipped[voice], *range(self.due[voice], said)]
        for count in lost:
            self._flaws.add("lost", f"{self._whose} was not shown {voice}.{count}")
        if self.due[voice] > said:
            self._flaws.add("stray", f"{self._whose} was shown {voice}.{said}, which was never sent")
        self._skipped[voice].clear()
        self.due[voice] = max(said, self.due[voice])
