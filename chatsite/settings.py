"""The site's settings, either from the environment (`environment.py`, `docs/settings.md`) or fixed here."""

from django.conf import global_settings

from chat import languages
from chatsite import environment
from chatsite.environment import BASE_DIR
from chatsite.logs import tell_of_host

_env = environment.read()

DATA_DIR = environment.data_dir(_env["DATA_DIR"])
SECRET_KEY = _env["SECRET_KEY"] or environment.secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS = _env["SECRET_KEY_FALLBACKS"]
ENV_FILE = _env["ENV_FILE"]
DEBUG = _env["DEBUG"]

# Hosts, URLs and apps.

ALLOWED_HOSTS = _env["ALLOWED_HOSTS"]
CSRF_TRUSTED_ORIGINS = _env["TRUSTED_ORIGINS"]
ROOT_URLCONF = "chatsite.urls"
FORCE_SCRIPT_NAME = _env["PATH_PREFIX"] or None
ASGI_APPLICATION = "chatsite.asgi.application"

INSTALLED_APPS = [
    "daphne",  # First, so that `runserver` is its ASGI version.
    "chat",  # Before the admin, whose translations of the same words it would have otherwise.
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # Below static files, of which parts may be asked for.
    "chatsite.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database.

_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "chatsite.sqlite3",
    "OPTIONS": {
        # A transaction that reads first and writes later fails at once with "database is locked" unless it acquired
        # the write lock when it began. FULL, not NORMAL: an acknowledged message survives a power cut.
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,  # Seconds to wait for another writer. Readers never wait.
        # Deleted content is overwritten, so that no free page of the file contains deleted messages.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    },
    "TEST": {"NAME": DATA_DIR / "test.sqlite3"},  # A file, because tests write from many threads.
}
_has_sessions = _env["DATABASE_POOLING"] == "session"
_POSTGRESQL = {
    "ENGINE": "chatsite.postgresql",
    "CONN_HEALTH_CHECKS": True,  # Discards pooled connections from before a server restart.
    "DISABLE_SERVER_SIDE_CURSORS": not _has_sessions,
    "OPTIONS": {
        # Parameters are sent apart from statements, and repeated statements are prepared: posting needs two fifths less
        # of PostgreSQL's CPU. (Django's default interpolates parameters, so that no statement occurs twice.)
        "server_side_binding": True,
        "prepare_threshold": 5 if _has_sessions else None,
        "session_limits": _has_sessions,
        # If the network is gone, the operating system gives up after these, not after a quarter of an hour.
        "connect_timeout": 5,
        "tcp_user_timeout": 5000,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    },
}
_POOL = {
    "min_size": 2,
    # The live side keeps nine connections (chat/live/threads.py); each page uses one while it is rendered. Up to eight
    # processes fit into the 97 connections that PostgreSQL allows by default.
    "max_size": max(12, min(24, 96 // _env["PROCESSES"])),
    # A waiting caller gets an error within this time. A pool that gave up connecting starts again with the next caller,
    # so it recovers as soon as the server does, instead of after pauses that double.
    "timeout": 2,
    "reconnect_timeout": 2,
}

_database = _env["DATABASE_URL"]
if _database.get("ENGINE", "").endswith("postgresql"):
    _database |= _POSTGRESQL | {"OPTIONS": _POSTGRESQL["OPTIONS"] | _database.get("OPTIONS", {}) | {"pool": _POOL}}
elif _database:
    _database = _SQLITE | {"NAME": _database["NAME"]}
DATABASES = {"default": _database or _SQLITE}
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    environment.keep_private(str(DATABASES["default"]["NAME"]))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

# Languages: the person's choice, else the browser's (chat/views/languages.py).

LANGUAGE_CODE = "en"
LANGUAGES = list(languages.LANGUAGES.items())

# Channel layer and chat.

if _env["REDIS_URL"]:
    _layer = {"BACKEND": "chat.layers.redis.RedisChannelLayer", "CONFIG": {"hosts": _env["REDIS_URL"]}}
else:
    _layer = {"BACKEND": "chat.layers.local.LocalChannelLayer"}
CHANNEL_LAYERS = {"default": _layer}
CHAT_POST_BURST = _env["POST_BURST"]
CHAT_POST_RATE = _env["POST_RATE"]
CHAT_FRAME_RATE = _env["FRAME_RATE"]
CHAT_JOIN_RATE = _env["JOIN_RATE"]
CHAT_ROOM_RATE = _env["ROOM_RATE"]
CHAT_CONNECTIONS = _env["CONNECTIONS"]
CHAT_SIMPLE_WIRE = _env["SIMPLE_WIRE"]
CHAT_EDIT_HISTORY = _env["EDIT_HISTORY"]
CHAT_TRUSTED_PROXIES = _env["TRUSTED_PROXIES"]
CHAT_TRUSTED_ORIGINS = _env["TRUSTED_ORIGINS"]
CHAT_PROCESSES = _env["PROCESSES"]

# Security.

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "chatsite.accounts.ModelBackend"]
SESSION_COOKIE_AGE = 30 * 24 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _env["HTTPS"]
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{_env['PATH_PREFIX']}/"  # Another site may share the host.
SECURE_HSTS_SECONDS = 30 * 24 * 60 * 60 if _env["HTTPS"] else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _env["TRUSTED_PROXIES"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Warnings of `manage.py check --deploy` that are no mistakes here. A site without HTTPS gets one, security.W012.
SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS is off: HTTPS turns it on.
    "security.W005",  # HSTS without subdomains: these may be somebody else's.
    "security.W008",  # No redirect to https: the proxy does that.
    "security.W016",  # The CSRF cookie goes over plain http: HTTPS changes it together with the session's.
    "security.W021",  # HSTS without preloading: that is for the owner of the whole domain to decide.
]
LOGIN_URL = "chat:home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    },
}

# Static files are served by the application itself (static.py), from a folder for each release below STATIC_ROOT. For
# URLs without a release, browsers revalidate each time.

STATIC_URL = "static/"
STORAGES = global_settings.STORAGES | {"staticfiles": {"BACKEND": "chatsite.static.Storage"}}
STATIC_ROOT = DATA_DIR / "static"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_MAX_AGE = 0

# Logs go to standard error; chat events are logged under "chat". The server itself logs each request and each WebSocket
# to standard output, unless that is off.

CHAT_ACCESS_LOG = _env["ACCESS_LOG"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "hosts": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["hosts"]},
    },
    "filters": {"hosts": {"()": lambda: tell_of_host}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": _env["LOG_LEVEL"], "propagate": False},
        "django.security.DisallowedHost": {"handlers": ["hosts"], "propagate": False},
        "chatsite": {"handlers": ["stderr"], "level": _env["LOG_LEVEL"], "propagate": False},
        "chat": {"handlers": ["stderr"], "level": _env["LOG_LEVEL"], "propagate": False},
    },
}
