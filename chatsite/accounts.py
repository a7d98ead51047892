"""Users by Django's own rules. Only reading one is prepared, for each page, handshake, heartbeat: 33 µs, not 180."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import backends, get_user_model
from django.db import models

from chat.queries.sql import Prepared, loaded

_User = get_user_model()
# Times are left out: who asks for one reads it then.
_FIELDS = [field for field in _User._meta.concrete_fields if not isinstance(field, models.DateTimeField)]
_NAMES = [field.attname for field in _FIELDS]
_USERS = Prepared(lambda user_ids: _User._default_manager.filter(pk__in=user_ids).values_list(*_NAMES))


class ModelBackend(backends.ModelBackend):
    def get_user(self, user_id: int) -> Any:
        return self.get_users([user_id]).get(user_id)

    def get_users(self, user_ids: Collection[int]) -> dict[int, Any]:
        """Those of them that there are and that may sign in."""
        users = {}
        for row in _USERS(list(user_ids)):
            user = loaded(_User, _NAMES, [field.to_python(value) for field, value in zip(_FIELDS, row, strict=True)])
            if self.user_can_authenticate(user):
                users[user.pk] = user
        return users
