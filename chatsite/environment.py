"""The environment variables, and how they are parsed and validated.

Every variable is declared once, in `VARIABLES`; `docs/settings.md` documents the same table, and a test compares the
two. An invalid value raises `ImproperlyConfigured` with a sentence that names the variable.
"""

import contextlib
import io
import ipaddress
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

_YES = {"1", "on", "true", "yes"}
_NO = {"0", "off", "false", "no"}


def switch(value: str) -> bool:
    """Parses `on` or `off` and their synonyms. Any other word is refused: a typo must not mean `off`."""
    word = value.strip().casefold()
    if word not in _YES | _NO:
        raise ValueError("expected on or off")
    return word in _YES


def whole_number(value: str) -> int:
    if not value.strip().isascii() or not value.strip().isdigit():
        raise ValueError("expected a whole number, 0 or more")
    return int(value)


def port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise ValueError("expected a port, 1 to 65535")
    return int(value)


def processes(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 64:
        raise ValueError("expected a number of processes, 1 to 64")
    return int(value)


def number(value: str) -> float:
    try:
        result = float(value)
    except ValueError:
        result = -1
    if not 0 <= result < float("inf"):
        raise ValueError("expected a number, 0 or more")
    return result


def log_level(value: str) -> str:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    if value.upper() not in levels:
        raise ValueError(f"expected one of {', '.join(levels)}")
    return value.upper()


def text(value: str) -> str:
    if not value.strip():
        raise ValueError("expected something; leave it out for its default")
    return value


def keys(value: str) -> list[str]:
    """Splits at spaces or line ends, because a secret may contain a comma."""
    return value.split()


_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"


def is_host(value: str) -> bool:
    """Returns whether the value is a valid host name or IP address."""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(value)
        return True
    return bool(re.fullmatch(rf"{_LABEL}(\.{_LABEL})*\.?", value)) and len(value) <= 253


def host(value: str) -> str:
    if not is_host(value.strip()):
        raise ValueError("expected a name or an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1")
    return value.strip()


def words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def hosts(value: str) -> list[str]:
    """Parses comma-separated names and addresses, as in a browser's address bar."""
    found = words(value)
    if not found or not all(map(_may_be_asked_for, found)):
        raise ValueError("expected names like chat.example.org, separated by commas, without https:// and port")
    return found


def _may_be_asked_for(name: str) -> bool:
    return name == "*" or _is_shown(name.removeprefix("."))  # With a leading dot: all subdomains.


def _is_shown(name: str) -> bool:
    """Returns whether the name is a host as in a URL: an IPv6 address is in brackets."""
    has_colon = ":" in name
    return is_host(name[1:-1] if has_colon else name) and has_colon == (name[:1] + name[-1:] == "[]")


def origins(value: str) -> list[str]:
    """Parses comma-separated origins: a scheme, a host and, unless it is the scheme's default, a port."""
    found = words(value)
    for origin in found:
        match = re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::([0-9]+))?", origin, re.IGNORECASE)
        if not match or not _is_shown(match[1]) or not 1 <= int(match[2] or 80) <= 65535:
            raise ValueError("expected origins like https://chat.example.org, separated by commas")
    return found


def database(value: str) -> dict[str, Any]:
    """Parses a database URL such as `postgres://name:password@host:5432/chatsite`; empty means SQLite in `DATA_DIR`."""
    if not value:
        return {}
    scheme = value.split(":", 1)[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise ValueError("expected an address that begins with postgres:// or sqlite://")
    found = dict(environ.Env.db_url_config(value))
    # With an empty name, SQLite would create a temporary database for each thread, which is lost at the end.
    if found["NAME"] in ("", ":memory:") and "service" not in found.get("OPTIONS", {}):
        raise ValueError("expected the name of a database, or for SQLite a file, as in sqlite:////srv/chat.sqlite3")
    return found


def pooling(value: str) -> str:
    """Parses how long a pooler before PostgreSQL keeps a session: for a connection or for a transaction."""
    if value not in ("session", "transaction"):
        raise ValueError("expected session or transaction")
    return value


def redis(value: str) -> list[dict[str, Any]]:
    """Parses Redis servers for channels_redis: one address per shard, or one that names Sentinels and their master.

    `redis+sentinel://user:password@one:26379,other:26379/mymaster/0`
    """
    if value.startswith("redis+sentinel://"):
        return [_sentinel(value)]
    addresses = words(value)
    if (value and not addresses) or not all(map(_is_redis, addresses)):
        raise ValueError(
            "expected redis://, rediss:// or redis+sentinel:// addresses, separated by commas, "
            "signs in a password written like %40"
        )
    return [{"address": address} for address in addresses]


def _is_redis(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme == "unix":
        return bool(parts.path)
    has_good_path = re.fullmatch(r"/?[0-9]*", parts.path) and not parts.fragment
    return parts.scheme in ("redis", "rediss") and bool(parts.hostname) and port != 0 and bool(has_good_path)


def _sentinel(value: str) -> dict[str, Any]:
    parts = urlsplit(value)
    hosts = [host.rpartition(":") for host in parts.netloc.rpartition("@")[2].split(",")]
    path = parts.path.strip("/").split("/")
    is_number = len(path) == 1 or (len(path) == 2 and path[1].isdigit())
    if not path[0] or not is_number or not all(port.isdigit() and name for name, _, port in hosts):
        raise ValueError("expected redis+sentinel://host:26379,host:26379/master/0")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return {
        "sentinels": [(name, int(port)) for name, _, port in hosts],
        "master_name": path[0],
        "db": int(path[1]) if len(path) > 1 else 0,
        **({"username": user} if user else {}),
        **({"password": password} if password else {}),
    }


def path_prefix(value: str) -> str:
    """Parses a prefix such as `/chat`, or none. The site's own first path segments are refused as ambiguous."""
    prefix = value.rstrip("/")
    if prefix and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", prefix):
        raise ValueError("expected a path like /chat, of letters, digits, dots and dashes")
    if prefix.split("/")[1:2] and prefix.split("/")[1] in _OWN_PATHS:
        raise ValueError(f"the site has pages of its own below /{prefix.split('/')[1]}/, take another word")
    return prefix


_OWN_PATHS = {"admin", "connection", "healthz", "join", "live", "people", "readyz", "rooms", "sign-out", "static", "ws"}


class Variable(NamedTuple):
    name: str
    default: str
    parse: Callable[[str], Any]
    secret: bool = False


VARIABLES = [
    Variable("ENV_FILE", "", str),
    Variable("HOST", "127.0.0.1", host),
    Variable("PORT", "8000", port),
    Variable("PROCESSES", "1", processes),
    Variable("DATA_DIR", "var", text),
    Variable("SECRET_KEY", "", str, secret=True),
    Variable("SECRET_KEY_FALLBACKS", "", keys, secret=True),
    Variable("DEBUG", "off", switch),
    Variable("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", hosts),
    Variable("TRUSTED_ORIGINS", "", origins),
    Variable("TRUSTED_PROXIES", "0", whole_number),
    Variable("HTTPS", "off", switch),
    Variable("PATH_PREFIX", "", path_prefix),
    Variable("DATABASE_URL", "", database, secret=True),
    Variable("DATABASE_POOLING", "session", pooling),
    Variable("REDIS_URL", "", redis, secret=True),
    Variable("POST_BURST", "20", whole_number),
    Variable("POST_RATE", "2", number),
    Variable("FRAME_RATE", "100", number),
    Variable("JOIN_RATE", "30", number),
    Variable("ROOM_RATE", "20", number),
    Variable("CONNECTIONS", "50", whole_number),
    Variable("SIMPLE_WIRE", "on", switch),
    Variable("EDIT_HISTORY", "on", switch),
    Variable("LOG_LEVEL", "INFO", log_level),
    Variable("ACCESS_LOG", "on", switch),
]


def read() -> dict[str, Any]:
    """Returns the values of all variables, by name.

    The environment takes precedence over the file named by `ENV_FILE`. Raises `ImproperlyConfigured` for the first
    invalid value, with the variable's name, the value (unless it is a secret) and what is expected.
    """
    if file := environ.Env.ENVIRON.get("ENV_FILE"):
        read_file(Path(file))
    values = {}
    for variable in VARIABLES:
        # Verbatim: Env.str would treat a secret that begins with $ as another variable's name.
        value = environ.Env.ENVIRON.get(variable.name, variable.default)
        try:
            values[variable.name] = variable.parse(value)
        except ValueError as error:
            shown = variable.name if variable.secret else f"{variable.name}={value}"
            raise ImproperlyConfigured(f"{shown} is not usable: {error}.") from None
    return values


def read_file(path: Path) -> None:
    """Reads a file of settings, one per line, such as `HTTPS=on`, as systemd and Compose do."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ImproperlyConfigured(f"ENV_FILE={path} cannot be read: {why}.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if (
            line.strip()
            and not line.lstrip().startswith(("#", ";"))
            and not re.match(r"(export )?[A-Za-z_0-9]+=", line)
        ):
            raise ImproperlyConfigured(f"ENV_FILE={path} has a line {number} that is no setting. Expected NAME=value.")
    environ.Env.read_env(io.StringIO(text))


def keep_private(file: str) -> None:
    """Creates a missing database file, accessible to its owner only: SQLite would create it world-readable."""
    path = Path(file)
    if not file.startswith((":memory:", "file:")) and path.parent.is_dir():
        with contextlib.suppress(OSError):  # The database reports any problem better.
            path.touch(mode=0o600)


def data_dir(value: str) -> Path:
    """Returns the folder for data that must survive a restart. Raises `ImproperlyConfigured` if it is not writable.

    A missing folder is created for its owner only: a session key in it is as good as a password.
    """
    folder = BASE_DIR / value
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR={folder} cannot be written: {error.strerror}.") from None
    return folder


def secret_key(folder: Path) -> str:
    """Returns the site's own secret key: generated at the first start, stored in the data folder for its owner only.

    Several processes may start at once: the first one to create the file wins, and the others read it.
    """
    from django.core.management.utils import get_random_secret_key

    path = folder / "secret_key"
    try:
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=folder) as draft:  # For its owner only.
                draft.write(get_random_secret_key())
                draft.flush()
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(draft.name)
        key = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"The secret key in {path} cannot be read: {error.strerror}.") from None
    if not key:
        raise ImproperlyConfigured(f"The secret key in {path} is empty. Delete the file, and a new one is made.")
    return key
