"""Connections to the address of an open name: the person they become, and how many names one may make."""

import pytest
from django.test import Client

from chat import addresses, conf
from chat.limits import Buckets
from chat.live import admission
from chat.models import Profile
from chat.refusals import Refusal
from tests.actions.open_names import holds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def scope(address: str = "192.0.2.1", **headers: str) -> dict:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "websocket", "client": [address, 50_000], "headers": named}


def test_who_is_let_in_has_no_session_and_is_in_the_lobby(lobby):
    admitted = admission.admit_by_address(scope(), "robin", "first")
    assert (admitted.profile.nickname, admitted.session_key) == ("robin", None)
    assert (admitted.room_ids, admitted.holder) == ((lobby.pk,), "first")


def test_an_address_may_make_only_so_many_names(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    for name in ("one", "two"):
        admission.admit_by_address(scope(), name, "holder")
    with pytest.raises(Refusal, match="Wait") as refusal:
        admission.admit_by_address(scope(), "three", "holder")
    assert refusal.value.code == "too_fast"
    assert not Profile.objects.filter(nickname="three").exists()
    assert admission.admit_by_address(scope("192.0.2.2"), "three", "holder").profile.nickname == "three"


def test_names_that_are_refused_count_too(monkeypatch, alice):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    codes = []
    for name in ("alice", "admin", "new"):
        with pytest.raises(Refusal) as refusal:
            admission.admit_by_address(scope(), name, "holder")
        codes.append(refusal.value.code)
    assert codes == ["nickname_taken", "bad_nickname", "too_fast"]


def test_who_comes_back_is_not_counted_among_those_who_join(monkeypatch, robin):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    for _ in range(3):
        admission.admit_by_address(scope(), "robin", "holder")
    assert admission.admit_by_address(scope(), "new", "holder")


def test_nor_may_they_come_back_without_end(monkeypatch, robin):
    monkeypatch.setattr(addresses, "returns", Buckets(2, 2 / 60))
    for _ in range(2):
        admission.admit_by_address(scope(), "robin", "holder")
    with pytest.raises(Refusal, match="Too many connections"):
        admission.admit_by_address(scope(), "robin", "late")
    assert not holds(robin, "late")
    assert admission.admit_by_address(scope("192.0.2.2"), "robin", "holder")


def test_the_limit_is_the_same_as_for_those_who_join_in_a_browser(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    assert Client(REMOTE_ADDR="192.0.2.1").post("/join/", {"nickname": "one"}).status_code == 302
    with pytest.raises(Refusal, match="Wait"):
        admission.admit_by_address(scope(), "two", "holder")


def test_behind_a_proxy_the_address_is_the_one_it_saw(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    for number in range(2):
        admission.admit_by_address(scope("127.0.0.1", x_forwarded_for=f"192.0.2.{number}"), f"n{number}", "holder")
    with pytest.raises(Refusal, match="Wait"):
        admission.admit_by_address(scope("127.0.0.1", x_forwarded_for="spoofed, 192.0.2.1"), "n3", "holder")
