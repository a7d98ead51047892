"""How much of everything: short enough for each run of the tests, or as long as it takes to believe it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    people: int
    room_size: int
    posts_per_second: float
    seconds: float
    """Of load, where a fault does not say by itself when it is over."""
    kills: int
    redis_away_seconds: float
    black_hole_seconds: float
    postgres_away_seconds: float
    slow_readers: int
    flood_seconds: float
    moves: int
    """Changes of membership while canary words fly."""


SHORT = Scale(
    people=24,
    room_size=12,
    posts_per_second=30,
    seconds=4,
    kills=2,
    redis_away_seconds=3,
    black_hole_seconds=8,
    postgres_away_seconds=3,
    slow_readers=4,
    flood_seconds=3,
    moves=12,
)

SOAK = Scale(
    people=200,
    room_size=20,
    posts_per_second=50,
    seconds=60,
    kills=10,
    redis_away_seconds=10,
    black_hole_seconds=30,
    postgres_away_seconds=10,
    slow_readers=20,
    flood_seconds=20,
    moves=100,
)
