"""How much of everything: what the figures are made with, or as little as shows that it works."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Scale:
    rounds: int
    first_warm_up: float
    """Of each server's first load: Node compiles what turns out to be used much."""
    warm_up: float
    seconds: float
    """Of each measured load, after the warm-up."""
    sockets: int
    senders: int
    """Of the one room in which servers are compared."""
    writers: int
    """Each in a room of their own, whose posts are counted."""
    idle: int
    """Connections whose memory is measured."""
    arrivals: int
    """Connections whose making is measured."""
    neighbours: int
    """People in each room there."""
    crowd: int
    crowd_seconds: float
    listeners: int
    listening_seconds: float
    """By each transport."""
    short_history: int
    long_history: int
    few_joined: int
    many_joined: int
    """Members of a room."""
    visits: int
    """To each of the rooms of these lengths or sizes, per round."""
    room_sizes: tuple[int, ...]
    room_counts: tuple[int, ...]


FULL = Scale(
    rounds=5,
    first_warm_up=4.0,
    warm_up=1.0,
    seconds=3.0,
    sockets=200,
    senders=50,
    writers=100,
    idle=2_000,
    arrivals=500,
    neighbours=50,
    crowd=10_000,
    crowd_seconds=60,
    listeners=500,
    listening_seconds=50,
    short_history=1_000,
    long_history=1_000_000,
    few_joined=2_000,
    many_joined=200_000,
    visits=40,
    room_sizes=(10, 50, 200, 1_000, 5_000),
    room_counts=(1, 10, 100, 1_000, 5_000),
)

SMALL = Scale(
    rounds=1,
    first_warm_up=0.3,
    warm_up=0.3,
    seconds=0.7,
    sockets=30,
    senders=10,
    writers=10,
    idle=100,
    arrivals=60,
    neighbours=20,
    crowd=200,
    crowd_seconds=5,
    listeners=50,
    listening_seconds=5,
    short_history=200,
    long_history=5_000,
    few_joined=150,
    many_joined=1_500,
    visits=5,
    room_sizes=(10, 50, 100),
    room_counts=(1, 10, 50),
)

QUICK = replace(FULL, rounds=2, first_warm_up=3.0, warm_up=0.5, seconds=1.5)

SCALES = {"full": FULL, "small": SMALL}
