"""Users by Django's own rules. Only reading one is prepared, for each page, handshake, heartbeat: 33 µs, not 180."""

from typing import Any

from django.contrib.auth import backends, get_user_model
from django.db import models

from chat.prepared import Prepared, loaded

_User = get_user_model()
# Times are left out: who asks for one reads it then.
_FIELDS = [field for field in _User._meta.concrete_fields if not isinstance(field, models.DateTimeField)]
_NAMES = [field.attname for field in _FIELDS]
_USER = Prepared(lambda user_id: _User._default_manager.filter(pk=user_id).values_list(*_NAMES))


class ModelBackend(backends.ModelBackend):
    def get_user(self, user_id: int) -> Any:
        for row in _USER(user_id):
            values = [field.to_python(value) for field, value in zip(_FIELDS, row, strict=True)]
            user = loaded(_User, _NAMES, values)
            return user if self.user_can_authenticate(user) else None
        return None
