"""Signing in to the admin with a password: the only password of the site, so the only one that can be guessed."""

import logging
import math
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from chat.limits import Buckets
from chat.views.decorators import address_of

logger = logging.getLogger("chatsite.signing_in")

BURST = 10
PER_MINUTE = 1

_by_address = Buckets(BURST, PER_MINUTE / 60)
_by_account = Buckets(BURST, PER_MINUTE / 60)


class SignInForm(AdminAuthenticationForm):
    """Django's, with a limit on attempts by address and by account, in each process.

    Every attempt counts, the right password too: one that comes too fast is refused before it is looked at. An address
    that is refused takes nothing from the account, so nobody is locked out by a single other one.
    """

    def clean(self) -> Any:
        request: Any = self.request
        address, account = address_of(request), self.cleaned_data.get("username", "").casefold()
        if wait := math.ceil(_by_address.take(address) or _by_account.take(account)):
            logger.warning("Too many attempts to sign in to the admin, the last from %s as %r.", address, account)
            raise ValidationError(
                f"Too many attempts to sign in. Wait {wait} second{'s' if wait > 1 else ''} and try again.",
                code="too_fast",
            )
        return super().clean()
