from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.core.checks import register
from django.db.models.signals import post_migrate, post_save, pre_delete


class ChatConfig(AppConfig):
    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat import checks

        register(checks.user_ids, "chat")
        register(checks.hosts, "chat", deploy=True)
        register(checks.proxies, "chat", deploy=True)
        post_migrate.connect(create_lobby, sender=self)
        user_logged_out.connect(end_connections)
        # A project's own pages may change and delete its users.
        user = get_user_model()
        post_save.connect(look_at_user, sender=user)
        pre_delete.connect(see_off, sender="chat.Profile")


def create_lobby(using: str, **kwargs: Any) -> None:
    """Creates the lobby together with the tables. If it is lost, the next person to join restores it."""
    from chat.actions import rooms

    rooms.lobby(using)


def end_connections(request: Any, user: Any, **kwargs: Any) -> None:
    """Ends the open connections of anyone who signs out: here, in the admin, or elsewhere in the project."""
    from chat.actions import people

    if user and request.session.session_key:
        people.sign_out(user.pk, request.session.session_key)


def look_at_user(instance: Any, created: bool, update_fields: Any = None, raw: bool = False, **kwargs: Any) -> None:
    """Ends the connections of a user who was deactivated or has another password."""
    from chat.actions import moderation

    if not created and not raw and not (update_fields and {"is_active", "password"}.isdisjoint(update_fields)):
        moderation.user_changed(instance.pk)


def see_off(instance: Any, **kwargs: Any) -> None:
    """Runs when a person is deleted with their user."""
    from chat.actions import erasure

    erasure.gone(instance)
