"""Names that complete what is being written: of people, and of public rooms."""

import pytest
from django.urls import reverse

from chat.actions import cleaning, erasure, memberships, people, rooms
from chat.models import Reading, Room
from chat.queries.completion import COMPLETIONS, LOOKED_THROUGH
from tests.pages import browser, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit")]


def completed(who, room, typed=""):
    answer = browser(who).get(reverse("chat:completed_people", args=[room.slug]), {"q": typed})
    assert answer["Cache-Control"] == "private, no-store"
    return answer.json()


def named(who, room, typed=""):
    return [one["name"] for one in completed(who, room, typed)["names"]]


def titled(who, typed=""):
    names = browser(who).get(reverse("chat:completed_rooms"), {"q": typed}).json()["names"]
    return [one["name"] for one in names]


@pytest.fixture
def mine(alice, person, chess):
    """People of chess."""

    def enter(*names):
        entered = [person(name) for name in names]
        for one in entered:
            memberships.join(one, chess.slug)
        return entered

    return enter


def test_people_of_the_room_come_first_those_who_spoke_last_before_all(alice, chess, mine, person):
    one, two, _ = mine("ann one", "ann two", "ann three")
    person("ann outside")
    say(two, "first", room=chess)
    say(one, "last", room=chess)
    assert named(alice, chess, "ann") == ["ann one", "ann two", "ann three", "ann outside"]
    assert [one["is_near"] for one in completed(alice, chess, "ann")["names"]] == [True, True, True, False]


def test_before_anything_is_typed_there_are_the_people_of_the_room_alone(alice, bob, chess, mine):
    mine("carol")
    assert named(alice, chess) == ["carol"]
    assert completed(alice, chess)["more"] is True


def test_exact_names_come_before_beginnings_and_these_before_the_inside(alice, chess, mine):
    mine("xann", "anna", "ann", "dear ann")
    assert named(alice, chess, "ANN") == ["ann", "anna", "dear ann", "xann"]


@pytest.mark.parametrize("typed", ["小", "xiaoming", "xiaom", "xm", "XM", "ming"])
def test_a_chinese_name_is_found_by_itself_its_pinyin_and_its_initials(alice, chess, mine, typed):
    mine("小明", "bob")
    assert named(alice, chess, typed) == ["小明"]


def test_somebody_who_is_not_in_the_room_is_found_by_the_beginning_of_the_pinyin_too(alice, chess, person):
    person("小明")
    assert named(alice, chess, "xiaom") == ["小明"]
    assert named(alice, chess, "xm") == ["小明"]
    assert named(alice, chess, "ming") == []


def test_each_reading_of_a_character_is_found(alice, chess, mine):
    mine("曾乐")
    assert named(alice, chess, "zengle") == named(alice, chess, "cengle") == ["曾乐"]


def test_at_most_so_many_are_named_and_the_answer_says_that_there_are_more(alice, chess, mine):
    mine(*(f"ann {number}" for number in range(COMPLETIONS)))
    assert completed(alice, chess, "ann")["more"] is False
    mine("ann more")
    answer = completed(alice, chess, "ann")
    assert (len(answer["names"]), answer["more"]) == (COMPLETIONS, True)


def test_in_a_large_room_beginnings_of_names_and_those_who_spoke_are_found(alice, chess, mine):
    one, _, _ = mine("ann", "xann", "anna")
    Room.objects.filter(pk=chess.pk).update(member_count=LOOKED_THROUGH + 1)
    assert named(alice, chess, "ann") == ["ann", "anna"]
    say(one, "hello", room=chess)
    assert named(alice, chess) == ["ann"]


@pytest.mark.parametrize("typed", ["\0", "x" * 500, "%", "_", "'"])
def test_whatever_is_typed_is_answered(alice, chess, mine, typed):
    mine("carol")
    assert named(alice, chess, typed) == []


def test_nobody_else_learns_who_is_in_a_private_room(alice, bob, den, mallory):
    path = reverse("chat:completed_people", args=[den.slug])
    assert browser(bob).get(path).status_code == 200
    assert browser(mallory).get(path).status_code == 404
    memberships.remove(alice, den, "bob")
    assert browser(bob).get(path).status_code == 404


def test_who_only_previews_a_public_room_does_not_learn_who_is_in_it(bob, chess, visitor):
    path = reverse("chat:completed_people", args=[chess.slug])
    assert browser(bob).get(path).status_code == 404
    assert visitor.get(path).status_code == 302


def test_everybody_can_be_named_in_a_private_room_and_by_the_owner_of_a_public_one(alice, bob, chess, den, lobby):
    memberships.join(bob, chess.slug)
    answers = [(alice, den), (bob, den), (alice, chess), (bob, chess), (alice, lobby)]
    assert [completed(who, room)["everyone"] for who, room in answers] == [True, True, True, False, False]


def test_rooms_are_found_by_title_and_its_pinyin_the_persons_own_first(alice, bob, chess):
    rooms.create(bob, Room.Kind.PUBLIC, "Chess club", "")
    rooms.create(bob, Room.Kind.PUBLIC, "Old chess", "")
    rooms.create(bob, Room.Kind.PUBLIC, "陶艺工作室", "")
    assert titled(alice, "chess") == ["Chess", "Chess club", "Old chess"]
    assert titled(bob, "chess") == ["Chess club", "Old chess", "Chess"]
    for typed in ("陶", "taoyi", "tygz"):
        assert titled(alice, typed) == ["陶艺工作室"]


def test_private_rooms_and_direct_ones_are_never_among_them(alice, bob, den):
    say(alice, "hello", to="bob")
    assert "Den" not in titled(bob, "den") + titled(bob)
    assert all(titled(bob))


def test_a_new_nickname_has_new_readings(alice, chess, mine):
    (one,) = mine("小明")
    erasure.erase(one)
    assert not Reading.objects.filter(text__in=["xiaoming", "xm"]).exists()


def test_cleaning_writes_readings_that_older_code_has_not_stored(person):
    one = person("小明")
    Reading.objects.all().delete()
    Reading.objects.create(profile=one, text="old")
    assert cleaning.put_readings_right(0).rows == 1
    assert {"xiaoming", "xm"} <= set(one.readings.values_list("text", flat=True))
    assert not one.readings.filter(text="old").exists()
    assert cleaning.put_readings_right(0).rows == 0


def test_a_refused_name_leaves_no_readings(person):
    person("小明")
    with pytest.raises(people.Refusal):
        people.join("小明")
    assert set(Reading.objects.values_list("profile__nickname", flat=True)) == {"小明"}
