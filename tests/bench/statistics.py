"""Medians and what they are of."""

import statistics
from collections.abc import Iterable, Sequence


def median(values: Iterable[float]) -> float:
    return statistics.median(list(values))


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Of some delays, in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    return {
        name: 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]
        for name, share in {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}.items()
    }


def steepest_rise(curve: Sequence[float]) -> float:
    """How many times as high a curve ever gets as it was somewhere before; 1 if it only falls."""
    lowest, steepest = curve[0], 1.0
    for value in curve:
        lowest = min(lowest, value)
        steepest = max(steepest, value / lowest)
    return steepest
