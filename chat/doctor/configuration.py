"""Which site it is, and what Django's system checks say of its settings."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, run_checks

from chat.doctor.findings import Finding, ok, warning, wrong

GRAVE = {"security.W009", "security.W018", "security.W020", "security.W025"}
"""Warnings of Django's that are errors here: keys that can be guessed, DEBUG, and no allowed host."""


def check() -> Iterator[Finding]:
    yield looking_at()
    messages = [message for message in run_checks(include_deployment_checks=True) if not message.is_silenced()]
    yield from map(_finding, sorted(messages, key=lambda message: (-message.level, message.id or "")))
    if not messages:
        yield ok("settings", "manage.py check --deploy finds nothing")


def looking_at() -> Finding:
    """Names the site: a command run outside the site's environment finds another site, empty and in order."""
    database = settings.DATABASES["default"]
    host = f" on {database['HOST']}" if database.get("HOST") else ""
    kind = str(database["ENGINE"]).rpartition(".")[2]
    place = f"{kind} {database.get('NAME')}{host}"
    if folder := getattr(settings, "DATA_DIR", None):
        place += f", other data in {folder}"
    names = ", ".join(settings.ALLOWED_HOSTS)
    file = getattr(settings, "ENV_FILE", "")
    return ok("site", f"{place}, for {names or 'no host'}, settings from {file or 'the environment'}")


def _finding(message: CheckMessage) -> Finding:
    """Shows a message as `manage.py check` does, on one line."""
    is_wrong = message.is_serious() or message.id in GRAVE
    return (wrong if is_wrong else warning)("settings", " ".join(str(message).removeprefix("?: ").split()))
