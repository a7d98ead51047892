"""Frames as a client sends them, also wrong ones."""

import json

import pytest

from chat.refusals import Refusal
from chat.wire.protocol import parse

CODES = {"too_big", "unknown_type", "bad_frame", "bad_body", "body_too_long", "empty_body"}


def post(**fields: object) -> str:
    """A post frame as a client would send it, with some fields otherwise; None leaves one out."""
    frame = {"type": "post", "client_id": "c-1", "body": "hi", "room": 7, **fields}
    return json.dumps({key: value for key, value in frame.items() if value is not None}, ensure_ascii=False)


def refused(raw: str | bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(raw)
    refusal = caught.value
    assert refusal.code in CODES
    assert refusal.detail.strip()
    assert refusal.detail.endswith(".")
    assert len(refusal.detail) <= 300
    return refusal
