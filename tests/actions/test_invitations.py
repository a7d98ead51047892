"""Leaving a private room, and coming back: who is asked first, who answers, and whom only an owner brings back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from chat import queries
from chat.actions import locks, memberships, rates
from chat.models import Departure, Invitation, Membership, Room
from tests.actions.crowds import own
from tests.actions.outcomes import refusal_of, refused
from tests.pages import browser

pytestmark = [pytest.mark.django_db, pytest.mark.above_storage]


def test_who_has_left_a_private_room_is_asked_and_not_put_back(alice, bob, den):
    memberships.leave(bob, den.pk)
    assert memberships.add(alice, den, "bob") == (bob, True)
    assert queries.own_room(bob.pk, den.pk) is None
    assert queries.visible_room(bob.pk, den.slug) is None
    (asked,) = queries.invitations_of(bob.pk)
    assert (asked.title, asked.by) == ("Den", "alice")
    assert memberships.accept(bob, asked.id) == den
    assert queries.own_room(bob.pk, den.pk).role == Membership.Role.MEMBER
    assert not Invitation.objects.exists()
    assert not Departure.objects.exists()


def test_who_has_never_been_in_a_room_is_added_at_once(alice, mallory, den):
    assert memberships.add(alice, den, "mallory") == (mallory, False)


def test_who_declines_stays_out_and_is_not_asked_again_for_a_day(alice, bob, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    memberships.decline(bob, queries.invitations_of(bob.pk)[0].id)
    assert queries.own_room(bob.pk, den.pk) is None
    assert refused(memberships.add, alice, den, "bob") == "already_asked"
    Departure.objects.update(declined_at=timezone.now() - timedelta(days=2))
    assert memberships.add(alice, den, "bob").is_asked


def test_nobody_is_asked_twice_at_once(alice, bob, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    assert refused(memberships.add, alice, den, "bob") == "already_asked"


def test_an_invitation_is_the_asked_person_s_alone(alice, bob, mallory, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    for action in (memberships.accept, memberships.decline):
        assert refused(action, mallory, asked.id) == "no_such_invitation"
        assert refused(action, bob, asked.id + 1) == "no_such_invitation"
    assert queries.invitations_of(mallory.pk) == []
    assert queries.invitations_of(bob.pk) == [asked]


def test_an_invitation_ends_with_the_membership_of_who_asked(alice, bob, den, person):
    person("carol")
    memberships.add(alice, den, "carol")
    memberships.leave(bob, den.pk)
    carol = queries.person("carol")
    memberships.add(carol, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    memberships.remove(alice, den, "carol")
    assert refused(memberships.accept, bob, asked.id) == "no_such_invitation"


def test_an_invitation_that_is_taken_back_while_it_is_accepted_lets_nobody_in(alice, bob, den, person, monkeypatch):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    lock = locks.room

    @contextmanager
    def take_back(room_id: int) -> Iterator[Room | None]:
        with lock(room_id) as locked:
            Invitation.objects.all().delete()
            yield locked

    monkeypatch.setattr(locks, "room", take_back)
    assert refused(memberships.accept, bob, asked.id) == "no_such_invitation"
    assert queries.own_room(bob.pk, den.pk) is None


def test_a_person_has_so_many_open_invitations_and_no_more(alice, bob, den, mallory):
    Invitation.objects.bulk_create(
        [Invitation(room=room, profile=bob, by=mallory) for room in own(mallory, rates.INVITATIONS, "private")]
    )
    memberships.leave(bob, den.pk)
    assert refused(memberships.add, alice, den, "bob") == "too_many"
    assert len(queries.invitations_of(bob.pk)) == rates.INVITATIONS


def test_whom_an_owner_has_removed_only_an_owner_brings_back(alice, bob, den, person):
    person("carol")
    memberships.add(alice, den, "carol")
    memberships.remove(alice, den, "carol")
    refusal = refusal_of(memberships.add, bob, den, "carol")
    assert (refusal.code, refusal.detail) == (
        "forbidden", "carol was removed from “Den”. Only its owner can add them again.",
    )  # fmt: skip
    assert memberships.add(alice, den, "carol") == (queries.person("carol"), False)
    assert memberships.remove(alice, den, "carol") is None
    assert Departure.objects.get().was_removed


def test_a_public_room_keeps_no_trace_of_who_left(bob, chess):
    memberships.join(bob, chess.slug)
    memberships.leave(bob, chess.pk)
    assert not Departure.objects.exists()
    memberships.join(bob, chess.slug)


def test_an_invitation_is_shown_with_its_two_answers(alice, bob, den):
    memberships.leave(bob, den.pk)
    response = browser(alice).post(f"/rooms/{den.slug}/members/", {"nickname": "bob"}, follow=True)
    assert "asked if they want to come back" in response.content.decode()
    his = browser(bob)
    page = his.get("/rooms/").content.decode()
    assert "<bdi>alice</bdi> invites you back to “<bdi>Den</bdi>”" in page
    assert 'aria-label="1 invitation"' in his.get("/rooms/lobby/").content.decode()
    (asked,) = queries.invitations_of(bob.pk)
    response = his.post(f"/invitations/{asked.id}/accept/")
    assert (response.status_code, response["Location"]) == (302, f"/rooms/{den.slug}/")
    assert "invites you" not in his.get("/rooms/").content.decode()


def test_an_invitation_is_declined_by_a_button(alice, bob, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    response = browser(bob).post(f"/invitations/{asked.id}/decline/", follow=True)
    assert "declined the invitation to “Den”" in response.content.decode()
    assert queries.own_room(bob.pk, den.pk) is None


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_another_s_invitation_is_refused_with_a_sentence(alice, bob, mallory, den, answer):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    hers = browser(mallory)
    response = hers.post(f"/invitations/{asked.id}/{answer}/")
    assert response.status_code == 403
    assert "no longer open" in response.content.decode()
    assert hers.get(f"/invitations/{asked.id}/{answer}/").status_code == 405
    assert queries.invitations_of(bob.pk) == [asked]
