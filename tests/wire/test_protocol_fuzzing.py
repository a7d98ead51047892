"""Any input is a frame or is refused."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from chat.refusals import Refusal
from chat.wire import protocol
from chat.wire.protocol import FRAME_BYTES, correlation, parse
from tests.wire.refusing import CODES

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
near_frames = st.fixed_dictionaries(
    {"type": st.sampled_from([frame.__struct_config__.tag for frame in protocol.ClientFrame.__args__])},
    optional={
        "room": st.integers(-1, 9) | values,
        "rooms": st.dictionaries(st.integers(-1, 2**64).map(str), st.integers(-1, 2**64), max_size=3) | values,
        "number": st.integers(-1, 2**64) | values,
        "client_id": st.text(max_size=70) | values,
        "body": st.text(max_size=40) | values,
        "to": st.text(max_size=40) | values,
        "reply_to": st.integers(-1, 2**64) | values,
        "before": st.integers(-1, 2**64) | values,
        "limit": st.integers(-1, 200) | values,
        "other": values,
    },
)


def assert_answered(raw: str | bytes) -> None:
    """It gives a frame, or a refusal with a code that is documented and a sentence."""
    try:
        frame = parse(raw)
    except Refusal as refusal:
        assert refusal.code in CODES  # noqa: PT017
        assert refusal.detail.strip().endswith(".")  # noqa: PT017
        json.loads(protocol.encode(protocol.refusal_frame(refusal, correlation(raw))))
    else:
        assert isinstance(frame, protocol.ClientFrame)
        assert correlation(raw)["frame"] == type(frame).__struct_config__.tag


@given(st.text())
@example("\ud800")
@example('{"type":"join","room":"\ud800"}')
@example("\ud800" * FRAME_BYTES)
def test_any_text_gives_a_frame_or_a_refusal(raw):
    assert_answered(raw)


@given(st.text(st.characters(), min_size=1, max_size=5))
def test_any_text_in_a_frame_gives_a_frame_or_a_refusal(text):
    assert_answered('{"type":"join","room":"' + text + '"}')
    assert_answered('{"type":"' + text + '"}')


@given(st.binary())
def test_any_bytes_give_a_frame_or_a_refusal(raw):
    assert_answered(raw)


@given(values)
def test_any_json_gives_a_frame_or_a_refusal(value):
    assert_answered(json.dumps(value))


@given(near_frames, st.booleans())
def test_what_is_nearly_a_frame_gives_a_frame_or_a_refusal(frame, ascii_only):
    assert_answered(json.dumps(frame, ensure_ascii=ascii_only))


@given(near_frames, st.data())
def test_a_torn_frame_gives_a_frame_or_a_refusal(frame, data):
    raw = json.dumps(frame).encode()
    start, end = sorted([data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, len(raw)))])
    assert_answered(raw[:start] + data.draw(st.binary(max_size=3)) + raw[end:])


@given(st.text() | st.binary())
@example("\ud800")
@example('{"type":"\ud800"}')
@example("[" * 100_000)
def test_correlation_never_fails(raw):
    assert all(isinstance(value, str) for value in correlation(raw).values())
