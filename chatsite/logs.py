"""Logs requests for a host name that is not the site's: one line each, rate-limited."""

import logging
import re

from chat.limits import Buckets

_PER_NAME = Buckets(1, 1 / 3600)
_ALL = Buckets(20, 20 / 3600)


def tell_of_host(record: logging.LogRecord) -> bool:
    """Filters Django's log of refused hosts. Anybody can send any name: each is logged once an hour, twenty at most.

    The traceback is removed: it would add nothing.
    """
    named = re.search(r"header: '(.*?)'", record.getMessage())
    host = named[1][:100] if named else "?"
    if _PER_NAME.consume(host) or _ALL.consume("all"):
        return False
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    record.exc_info = record.exc_text = record.stack_info = None
    record.msg = "Refused a request for the host %r. If that is a name of this site, add it to ALLOWED_HOSTS."
    record.args = (host,)
    return True
