"""The sites under proof: several processes on PostgreSQL and Redis, or one on SQLite. Each is started once."""

from contextlib import ExitStack
from functools import cache, cached_property
from pathlib import Path

from tests.servers import NO_LIMITS, Cluster, Postgres, Redis, Site

FAULTY = "tests.delivery.faulty:application"


class Clusters:
    """Starts what is asked for, and ends all of it with the block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.chmod(0o755)  # PostgreSQL may run as another user.
        self._stack = ExitStack()
        self.of = cache(self._of)

    def __enter__(self) -> "Clusters":
        return self

    def __exit__(self, *exception) -> None:
        self._stack.close()

    @cached_property
    def postgres(self) -> Postgres:
        return self._stack.enter_context(Postgres(self.folder / "postgres"))

    @cached_property
    def redis(self) -> Redis:
        return self._stack.enter_context(Redis())

    def _of(
        self, processes: int = 3, *, database: str = "postgres", redis: bool = True, faults: str = "", limits: str = ""
    ) -> Cluster:
        """A running cluster. `faults` are names of `faulty.py`; `limits="frames"` keeps the limit on frames."""
        cluster = Cluster(
            self.folder / f"{database}-{processes}-{redis}-{faults.replace(' ', '-')}-{limits}",
            processes,
            redis=self.redis if redis else None,
            database=self.postgres.database() if database == "postgres" else "",
            application=FAULTY if faults else Site.application,
            FAULTS=faults,
            **{name: value for name, value in NO_LIMITS.items() if not (limits and name == "FRAME_RATE")},
        )
        self._stack.callback(cluster.stop)
        cluster.migrate()
        if "without_the_unique_index" in faults:
            cluster.manage("shell", "-c", "from tests.delivery.faulty import drop_the_unique_index as drop; drop()")
        cluster.start()
        return cluster
