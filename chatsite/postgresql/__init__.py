"""Django's PostgreSQL backend with this site's changes (`base.py`), and the switch that enables them."""

is_serving = False


def serve() -> None:
    """Enables the pool and the timeouts for new connections. Has no effect with another database."""
    global is_serving
    is_serving = True
