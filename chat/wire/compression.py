"""Responses of the live endpoints as gzip, padded as Django's `GZipMiddleware` pads pages."""

import re
from collections.abc import Iterable

from django.middleware.gzip import GZipMiddleware
from django.utils.text import compress_string

_REFUSED = re.compile(rb"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


def accepts_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    accepted = b",".join(value for name, value in headers if name == b"accept-encoding")
    return b"gzip" in accepted and not _REFUSED.search(accepted)


def compressed(body: bytes) -> bytes:
    """Returns the body as gzip whose length varies at random, so that it tells little about the text (BREACH)."""
    return bytes(compress_string(body, max_random_bytes=GZipMiddleware.max_random_bytes))
