from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_migrate, post_save, pre_delete


class ChatConfig(AppConfig):
    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(create_lobby, sender=self)
        user_logged_out.connect(end_connections)
        # A project's own pages change and delete its users.
        user = get_user_model()
        post_save.connect(look_at_user, sender=user)
        pre_delete.connect(see_off, sender="chat.Profile")


def create_lobby(using: str, **kwargs: Any) -> None:
    """The lobby exists from the start: it comes with the tables. If it is lost, the next who joins brings it back."""
    from chat.actions import rooms

    rooms.lobby(using)


def end_connections(request: Any, user: Any, **kwargs: Any) -> None:
    """Whoever signs out, here, in the admin or in the project around us, has no open connection any more."""
    from chat.actions import people

    if user and request.session.session_key:
        people.sign_out(user.pk, request.session.session_key)


def look_at_user(instance: Any, created: bool, update_fields: Any = None, raw: bool = False, **kwargs: Any) -> None:
    """Ends the connections of a user who is not active any more, or has another password."""
    from chat.actions import moderation

    if not created and not raw and not (update_fields and {"is_active", "password"}.isdisjoint(update_fields)):
        moderation.user_changed(instance.pk)


def see_off(instance: Any, **kwargs: Any) -> None:
    """Somebody is deleted with their user."""
    from chat.actions import erasure

    erasure.gone(instance)
