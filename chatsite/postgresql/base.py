"""Django's PostgreSQL backend for serving processes: every wait has a timeout, and failed connections are discarded.

Until `serve()` a process has plain connections, without a pool and without timeouts: migrations may take long, and
workers would share connections that a server opens before it forks.
"""

import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.errors import ReadOnlySqlTransaction, _WaitTimeout

from chatsite import postgresql

LIMIT_SECONDS = 5.0
"""The timeout for a statement."""

SERVER_LIMITS = {"statement_timeout": 4000, "lock_timeout": 3000, "idle_in_transaction_session_timeout": 10000}
"""In milliseconds. Shorter than `LIMIT_SECONDS`, so that the server itself ends statements nobody waits for."""

DRAIN_SECONDS = 1.0
"""The pool is drained at most once in this time."""

FRESH_SECONDS = 1.0
"""A read-only session older than this is replaced, because the server may be writable again. Younger ones are used."""


class Connection(psycopg.Connection[Any]):
    """Waits for a response for at most `LIMIT_SECONDS`, then closes.

    A server that is stopped, or behind a network that is gone, never responds: its own timeouts do not help then, and
    the operating system's apply only if nothing at all is acknowledged.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._opened_at = time.monotonic()

    def is_outdated(self) -> bool:
        """Returns whether this is an old session that is read-only: on a standby, or opened while writes were disabled.

        PostgreSQL reports both parameters unasked, from version 14 on.
        """
        if time.monotonic() - self._opened_at < FRESH_SECONDS:
            return False
        return any(self.info.parameter_status(name) == "on" for name in _READ_ONLY)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, LIMIT_SECONDS if timeout is None else timeout)
        except _WaitTimeout:
            self.pgconn.finish()
            _drain(getattr(self, "_pool", None))
            raise psycopg.OperationalError(f"the server has not answered within {LIMIT_SECONDS:.0f} s") from None


_READ_ONLY = ("in_hot_standby", "default_transaction_read_only")


class _Errors(DatabaseErrorWrapper):
    """Marks connections that are no longer usable."""

    wrapper: "DatabaseWrapper"

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_type and issubclass(exc_type, (psycopg.OperationalError, ReadOnlySqlTransaction)):
            self.wrapper.give_up(exc_type)
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    _is_useless = False

    @property
    def pool(self) -> Any:
        if not postgresql.is_serving:
            return None
        pool = super().pool
        if pool is not None:
            pool.connection_class = Connection
        return pool

    def get_connection_params(self) -> dict[str, Any]:
        """`session_limits` is whether the session is not shared, so that it can have its own timeouts."""
        parameters: dict[str, Any] = super().get_connection_params()
        if parameters.pop("session_limits", False) and postgresql.is_serving:
            limits = [f"-c {name}={value}" for name, value in SERVER_LIMITS.items()]
            parameters["options"] = " ".join([*limits, parameters.get("options", "")]).strip()
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        while True:
            connection = super().get_new_connection(conn_params)
            if not isinstance(connection, Connection) or not connection.is_outdated():
                return connection
            connection.close()
            self.pool.putconn(connection)

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)

    def give_up(self, error: type[BaseException]) -> None:
        """Keeps the connection out of the pool after such an error.

        If it was lost, or its session is read-only, the same is most likely true of others that are as old.
        """
        if self.connection is None:
            return
        self._is_useless = True
        if self.connection.closed or issubclass(error, ReadOnlySqlTransaction):
            _drain(self.pool)

    def _close(self) -> None:
        connection, is_useless = self.connection, self._is_useless
        self._is_useless = False
        if connection is None:
            return
        with self.wrap_database_errors:
            pool = getattr(connection, "_pool", None)
            if pool is None or is_useless:
                connection.close()
            if pool is not None:
                pool.putconn(connection)
                self.connection = None


_drained_at = 0.0


def _drain(pool: Any) -> None:
    """Has the pool replace all its connections; those in use are replaced when they are returned."""
    global _drained_at
    now = time.monotonic()
    if pool is not None and now - _drained_at > DRAIN_SECONDS:
        _drained_at = now
        pool.drain()
