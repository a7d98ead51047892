"""System checks, beside Django's own: what the chat needs of a project, and settings that do not go together."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.db.models import IntegerField

from chat import conf


def user_ids(**_: Any) -> list[checks.CheckMessage]:
    """A user's id is their profile's primary key, names their group, and is part of direct rooms' keys."""
    user = get_user_model()
    key: Any = user._meta.pk
    while key.remote_field:  # A user model that extends another.
        key = key.target_field
    if isinstance(key, IntegerField):
        return []
    return [
        checks.Error(
            f"The chat needs users with integer primary keys; {user._meta.label} has a {type(key).__name__}.",
            hint="A user's id is also the profile's, and part of the names of groups and direct rooms.",
            id="chat.E001",
        )
    ]


def hosts(**_: Any) -> list[checks.CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        checks.Error(
            "ALLOWED_HOSTS takes every name, so any page that reaches this site by a name of its own counts as its "
            "own page.",
            hint="List the names of the site.",
            id="chat.E002",
        )
    ]


def proxies(**_: Any) -> list[checks.CheckMessage]:
    """Cookies over https alone need a proxy that reports which requests are https."""
    if conf.TRUSTED_PROXIES or not settings.SESSION_COOKIE_SECURE:
        return []
    return [
        checks.Warning(
            "HTTPS is on and TRUSTED_PROXIES is 0.",
            hint="Where a proxy speaks TLS for the site, requests look like plain http, and WebSockets are refused: "
            "set TRUSTED_PROXIES=1.",
            id="chat.W001",
        )
    ]
