"""What is said about requests for a name that the site does not go by: a line each, and not for each of them."""

import logging
import re

from chat.limits import Buckets

_PER_NAME = Buckets(1, 1 / 3600)
_ALL = Buckets(20, 20 / 3600)


def tell_of_host(record: logging.LogRecord) -> bool:
    """A filter of Django's log of refused hosts. Anybody can send any name: each is told once an hour, twenty at most.

    There is no traceback: it would say nothing but that.
    """
    named = re.search(r"header: '(.*?)'", record.getMessage())
    host = named[1][:100] if named else "?"
    if _PER_NAME.take(host) or _ALL.take("all"):
        return False
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    record.exc_info = record.exc_text = record.stack_info = None
    record.msg = "Refused a request for the host %r. If that is a name of this site, add it to ALLOWED_HOSTS."
    record.args = (host,)
    return True
