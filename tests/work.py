"""How the work of a function grows with what it is given, on a machine that may be busy with something else.

Two measures. The lines of the project's own code that run are counted, which comes out the same each time. What happens
inside of the interpreter's own functions, as in a regular expression, shows in the processor's time alone: of that the
smallest of several goes, for noise only ever adds.
"""

import sys
import time
from collections.abc import Callable
from itertools import count
from types import FrameType
from typing import Any

SIZE = 1_000
TIMES = 4
MOST = 9.0
"""Four times the text may be so many times the work: linear work is 4 times as much, quadratic 16."""

NOTHING = 0.002
"""Seconds at the larger size that no growth is read from. Quadratic work of any weight takes longer."""


def assert_linear(function: Callable[[Any], object], make: Callable[[int], Any], size: int = SIZE) -> None:
    """`make` gives a text of a size, for which the function's work may not grow faster than the size does."""
    small, large = make(size), make(TIMES * size)
    lines = steps(function, large), steps(function, small)
    assert lines[0] <= MOST * max(lines[1], 100), f"{lines[1]} lines of code run for one, {lines[0]} for four"
    ratio = 0.0
    for attempt in count(1):
        taken = seconds(function, large)
        ratio = taken / max(seconds(function, small), NOTHING / TIMES)
        if ratio <= MOST:
            return
        assert attempt < 5, f"four times the text takes {ratio:.1f} times as long"


def seconds(function: Callable[[Any], object], given: Any) -> float:
    """The processor's time, the smallest of some."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        function(given)
        best = min(best, time.process_time() - begun)
    return best


def steps(function: Callable[[Any], object], given: Any) -> int:
    """How many lines of the project's own code run."""
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if "/chat/" not in frame.f_code.co_filename:
            return None
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(given)
    finally:
        sys.settrace(before)
    return lines
