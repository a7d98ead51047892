"""Rate limits for signing in to the admin: its password is the only one of the site, so the only one to guess."""

import logging
import math
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from chat.limits import Buckets
from chat.sentences import in_words
from chat.views.requests import address_of

logger = logging.getLogger("chatsite.signing_in")

BURST = 10
PER_MINUTE = 1

_by_address = Buckets(BURST, PER_MINUTE / 60)
_by_account = Buckets(BURST, PER_MINUTE / 60)


class SignInForm(AdminAuthenticationForm):
    """Django's form, with a rate limit on attempts by address and by account, in each process.

    Every attempt counts, even with the right password: one that comes too fast is refused before the password is
    checked. A refused address takes no tokens from the account, so a single other address locks nobody out.
    """

    def clean(self) -> Any:
        request: Any = self.request
        address, account = address_of(request), self.cleaned_data.get("username", "").casefold()
        if wait := math.ceil(_by_address.consume(address) or _by_account.consume(account)):
            logger.warning("Too many attempts to sign in to the admin, the last from %s as %r.", address, account)
            raise ValidationError(
                _("Too many attempts to sign in. Wait {time} and try again.").format(time=in_words(wait)),
                code="too_fast",
            )
        return super().clean()
