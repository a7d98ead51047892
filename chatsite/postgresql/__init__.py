"""Django's PostgreSQL, as this site uses it (`base.py`), and when that begins."""

is_serving = False


def serve() -> None:
    """From now on connections come from a pool, and have limits. Costs nothing where the database is another."""
    global is_serving
    is_serving = True
