"""How often an address may join, and what its address is."""

import pytest
from django.test import Client, RequestFactory

from chat import addresses, conf
from chat.limits import Buckets
from chat.models import Profile
from chat.views.requests import address_of
from tests.pages import browser, join, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def test_an_address_may_ask_for_only_so_many_nicknames(visitor, monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    assert join(Client(), "one").status_code == 302
    assert join(Client(), "two").status_code == 302
    page = join(visitor, "three")
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 30
    assert page["Retry-After"] in text(page)
    assert 'value="three"' in page.content.decode()
    assert not Profile.objects.filter(nickname="three").exists()


def test_refused_nicknames_count_too(visitor, monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    assert [join(visitor, "").status_code for _ in range(3)] == [422, 422, 429]


def test_naming_another_address_does_not_help(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    asked = [Client(headers={"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(2)]
    assert [join(client, "").status_code for client in asked] == [422, 429]


def test_another_address_has_a_limit_of_its_own(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    asked = [Client(REMOTE_ADDR=f"10.0.0.{number}") for number in range(2)]
    assert [join(client, "").status_code for client in asked] == [422, 422]


def test_who_is_in_already_costs_their_address_nothing(bob, monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    client = browser(bob)
    for _ in range(3):
        join(client, "again")
    assert join(Client(), "new").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (0, "192.0.2.1", None, "192.0.2.1"),
        (0, "192.0.2.1", "10.0.0.1", "192.0.2.1"),
        (1, "192.0.2.1", None, "192.0.2.1"),
        (1, "192.0.2.1", "10.0.0.1", "10.0.0.1"),
        (1, "192.0.2.1", "spoofed, 10.0.0.1", "10.0.0.1"),
        (2, "192.0.2.1", "spoofed, 10.0.0.1, 10.9.9.9", "10.0.0.1"),
        (2, "192.0.2.1", "10.0.0.1", "10.0.0.1"),
        (1, "192.0.2.1", " , ", "192.0.2.1"),
        (0, "2001:db8::1", None, "2001:db8::/64"),
        (0, "2001:db8::ffff:1", None, "2001:db8::/64"),
        (0, "2001:db8:0:1::1", None, "2001:db8:0:1::/64"),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (0, "::ffff:192.0.2.2", None, "192.0.2.2"),
        (0, "fe80::1%eth0", None, "fe80::/64"),
        (0, "", None, "unknown"),
        (1, "192.0.2.1", "x" * 10_000, "unknown"),
        (1, "192.0.2.1", "10.0.0.1:51234", "10.0.0.1"),
    ],
)
def test_an_address_is_the_peers_or_what_our_own_proxy_saw(monkeypatch, proxies, peer, forwarded, address):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    assert address_of(RequestFactory(REMOTE_ADDR=peer, headers=headers).get("/")) == address
