from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_migrate


class ChatConfig(AppConfig):
    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(create_lobby, sender=self)
        user_logged_out.connect(end_connections)


def create_lobby(using: str, **kwargs: Any) -> None:
    """The lobby exists from the start: it comes with the tables. If it is lost, the next who joins brings it back."""
    from chat.actions import rooms

    rooms.lobby(using)


def end_connections(request: Any, user: Any, **kwargs: Any) -> None:
    """Whoever signs out, here, in the admin or in the project around us, has no open connection any more."""
    from chat.actions import people

    if user and request.session.session_key:
        people.sign_out(user.pk, request.session.session_key)
