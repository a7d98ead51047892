"""Where people come from: one key for each address, however a proxy writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import addresses, conf


@pytest.fixture(autouse=True)
def one_proxy(monkeypatch):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)


@pytest.mark.parametrize(
    "entry",
    ["203.0.113.9", "203.0.113.9:51234", '"203.0.113.9:51234"', "::ffff:203.0.113.9", "[::ffff:203.0.113.9]:443"],
)
def test_an_ipv4_address_is_one_however_it_is_written(entry):
    assert addresses.address("10.0.0.1", entry) == "203.0.113.9"


@pytest.mark.parametrize(
    "entry",
    [
        "2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443", '"[2001:db8::7]:443"', "2001:DB8:0:0:ffff::1",
        "2001:db8::7%eth0", "[2001:db8::7%25eth0]:1",
    ],
)  # fmt: skip
def test_an_ipv6_network_is_one_however_it_is_written(entry):
    assert addresses.address("10.0.0.1", entry) == "2001:db8::/64"


@pytest.mark.parametrize(
    "entry",
    ["unknown", "_hidden", "_SEVKISEK", "for=192.0.2.1", "1.2.3.4.5:6", "1.2.3.4:port", "[zzz]:1", "a" * 10_000, "?"],
)
def test_those_whose_address_is_not_told_are_together_one(entry):
    assert addresses.address("10.0.0.1", entry) == addresses.UNKNOWN
    assert addresses.address("", "") == addresses.UNKNOWN


def test_another_port_is_no_other_address():
    assert len({addresses.address("10.0.0.1", f"203.0.113.9:{port}") for port in range(1, 500)}) == 1


def test_what_a_client_writes_before_the_proxy_s_entry_does_not_count():
    assert addresses.address("10.0.0.1", "192.0.2.1:7, 203.0.113.9:51234") == "203.0.113.9"


def test_without_a_trusted_proxy_the_line_s_other_end_counts(monkeypatch):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 0)
    assert addresses.address("203.0.113.9", "192.0.2.1") == "203.0.113.9"


@given(st.text(max_size=60))
def test_whatever_a_proxy_writes_is_an_address_a_network_or_unknown(entry):
    found = addresses.address("10.0.0.1", entry)
    assert found == addresses.UNKNOWN or addresses.ip(found.partition("/")[0])
