"""Settings that work but should not be used, or that do not go together."""

from collections.abc import Iterator

from django.conf import settings

from chat import conf
from chat.doctor.findings import Finding, ok, warning, wrong

KEY_LENGTH = 32
KEY_VARIETY = 8


def check() -> Iterator[Finding]:
    yield looking_at()
    yield secret_key()
    yield debug()
    yield hosts()
    yield https()


def looking_at() -> Finding:
    """Names the site: a command run outside the site's environment finds another site, empty and in order."""
    database = settings.DATABASES["default"]
    host = f" on {database['HOST']}" if database.get("HOST") else ""
    kind = str(database["ENGINE"]).rpartition(".")[2]
    place = f"{kind} {database.get('NAME')}{host}"
    if folder := getattr(settings, "DATA_DIR", None):
        place += f", other data in {folder}"
    file = getattr(settings, "ENV_FILE", "")
    return ok("site", f"{place}, settings from {file or 'the environment'}")


def secret_key() -> Finding:
    """Anyone who guesses it can sign their own sessions."""
    key = settings.SECRET_KEY
    if len(key) < KEY_LENGTH or len(set(key)) < KEY_VARIETY or key.startswith("django-insecure-"):
        return wrong(
            "secret key",
            f"SECRET_KEY can be guessed. Take {KEY_LENGTH} random characters or more (openssl rand -hex 32); "
            "with the old one in SECRET_KEY_FALLBACKS everybody stays signed in.",
        )
    return ok("secret key", f"{len(key)} characters")


def debug() -> Finding:
    if settings.DEBUG:
        return wrong("debug", "DEBUG is on: error pages show settings and source to everybody. Turn it off.")
    return ok("debug", "off")


def hosts() -> Finding:
    names = list(settings.ALLOWED_HOSTS)
    if "*" in names:
        return wrong(
            "allowed hosts",
            "ALLOWED_HOSTS takes every name, so any page that reaches this site by a name of its own counts as its "
            "own page. List the names of the site.",
        )
    if not names:
        return wrong("allowed hosts", "ALLOWED_HOSTS is empty: nobody is let in. List the names of the site.")
    return ok("allowed hosts", ", ".join(names))


def https() -> Finding:
    """Cookies over https only need a proxy that reports which requests are https: one without the other fails."""
    secure, proxies = settings.SESSION_COOKIE_SECURE, conf.TRUSTED_PROXIES
    if secure and not settings.CSRF_COOKIE_SECURE:
        return wrong("https", "Sessions travel over https only, CSRF tokens do not. Set CSRF_COOKIE_SECURE too.")
    if secure and not proxies:
        return warning(
            "https",
            "HTTPS is on and TRUSTED_PROXIES is 0. Where a proxy speaks TLS for the site, requests look like plain "
            "http, and WebSockets are refused: set TRUSTED_PROXIES=1.",
        )
    if proxies and not secure:
        return warning(
            "https",
            "There is a trusted proxy and HTTPS is off: cookies travel over plain http too. "
            "If the site is reached over https only, set HTTPS=on.",
        )
    return ok("https", f"cookies over https only, TRUSTED_PROXIES={proxies}" if secure else "off, and no proxy trusted")
