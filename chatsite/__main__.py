"""`python -m chatsite`: migrates the database and serves the site on `HOST` and `PORT`."""

import ipaddress
import os
import socket
import sys

from django.core.exceptions import ImproperlyConfigured

from chatsite import environment, processes


def main() -> None:
    try:
        values = environment.read()
        from chatsite import settings  # noqa: F401  Validates all settings before anything else happens.
    except ImproperlyConfigured as error:
        sys.exit(f"chatsite cannot start: {error}")
    host, port = values["HOST"], values["PORT"]
    several = values["PROCESSES"] > 1
    check_port(host, port)
    if several:
        processes.check_redis(values["REDIS_URL"])
    migrate()
    print(f"chatsite is on http://{_shown(host)}:{port}/ (Ctrl+C ends it)", flush=True)  # noqa: T201
    if several:
        processes.serve()
    serve(host, port)


def check_port(host: str, port: int) -> None:
    """Exits with an error if the address is not available."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            # As the server does: an address whose last connections are still closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        sys.exit(f"chatsite cannot start: {host}:{port} is not free ({reason}). Choose another with HOST and PORT.")


def migrate() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    import django

    django.setup()
    from chatsite import startup

    startup.migrate()


def serve(host: str, port: int) -> None:
    from daphne.cli import CommandLineInterface

    CommandLineInterface().run(["--bind", host, "--port", str(port), "chatsite.asgi:application"])


def _shown(host: str) -> str:
    """Returns the host to type into a browser on this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "localhost"
    return f"[{host}]" if address.version == 6 else host


if __name__ == "__main__":
    main()
