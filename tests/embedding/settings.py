"""Somebody else's project, as small as Django makes one, with the chat in it as README says."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]

SECRET_KEY = "of the project " * 4
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.embedding.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "chat",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(os.environ["DATA_DIR"]) / "project.sqlite3"}
}
STATIC_URL = "static/"
USE_TZ = True
CHANNEL_LAYERS = {"default": {"BACKEND": "chat.live.layers.LocalChannelLayer"}}
