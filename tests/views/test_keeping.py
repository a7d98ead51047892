"""Pages of pinned and saved messages, and the way from a forwarded one to its original: for whoever may read them."""

import pytest

from chat import queries
from chat.actions import memberships
from chat.actions.changes import Delete, Pin, change_messages
from chat.actions.messages import Draft, Original, post_messages
from chat.actions.saving import Save, save_messages
from chat.models import Saved
from chat.queries import keeping
from chat.views import keeping as views
from tests.pages import browser, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]

IN_PLACE = {"Accept": "application/json"}


def pin(person, room, number=1):
    assert change_messages([Pin(person.pk, "p", room.pk, number, True)])[0].fresh


def save(person, room, number=1):
    assert save_messages([Save(person.pk, "s", room.pk, number, True)])[0].told


def forward(person, origin, room):
    post_messages([Draft(person.pk, "f", "", room.pk, forward=Original(origin.pk, 1))])


@pytest.fixture
def said(bob, den):
    say(bob, "some **secret** words", room=den)
    say(bob, "more", room=den)


class TestPins:
    @pytest.fixture
    def pinned(self, alice, bob, den, said):
        pin(bob, den)
        pin(alice, den, 2)
        return f"/rooms/{den.slug}/pins/"

    def test_the_last_pinned_comes_first_with_its_text_and_who_pinned_it(self, alice, den, pinned):
        page = text(browser(alice).get(pinned))
        assert page.index("more") < page.index("<strong>secret</strong>")
        assert page.index("Pinned by <bdi>alice</bdi>") < page.index("Pinned by <bdi>bob</bdi>")
        assert f'href="/rooms/{den.slug}/1/"' in page
        assert "Unpin" not in page  # That takes scripts.

    def test_a_page_that_is_open_gets_them_without_the_rest_and_may_unpin(self, alice, pinned):
        answer = browser(alice).get(pinned, headers=IN_PLACE).json()
        assert answer["heading"] == "Pinned messages"
        assert answer["content"].count('name="unpin"') == 2
        assert "<html" not in answer["content"]

    def test_who_may_not_pin_is_offered_nothing(self, alice, bob, chess):
        memberships.join(bob, "chess")
        say(alice, "e4", room=chess)
        pin(alice, chess)
        assert 'name="unpin"' in browser(alice).get("/rooms/chess/pins/", headers=IN_PLACE).json()["content"]
        assert 'name="unpin"' not in browser(bob).get("/rooms/chess/pins/", headers=IN_PLACE).json()["content"]

    def test_who_is_not_in_a_private_room_or_not_any_more_learns_nothing(self, alice, bob, den, mallory, pinned):
        memberships.remove(alice, den, "bob")
        for person in (bob, mallory):
            answer = browser(person).get(pinned)
            assert answer.status_code == 404
            assert "secret" not in text(answer)

    def test_direct_messages_have_them_for_the_two_alone(self, alice, bob, mallory):
        say(alice, "hello", to="bob")
        pin(bob, queries.direct_room_with(alice.pk, bob.pk).room)
        assert "hello" in text(browser(alice).get("/people/bob/pins/"))
        for name in ("alice", "bob"):
            assert "Nothing is pinned" in text(browser(mallory).get(f"/people/{name}/pins/"))
        assert browser(mallory).get("/people/nobody/pins/").status_code == 404

    def test_the_header_counts_them_and_rows_are_marked(self, alice, bob, den, pinned):
        page = text(browser(alice).get(f"/rooms/{den.slug}/"))
        assert '<span class="pins-count">2</span>' in page
        assert page.count("mark-of-pinned") == 3  # One in a template.
        boot = browser(alice).get(f"/rooms/{den.slug}/", headers=IN_PLACE).json()["boot"]
        assert (boot["pins"], boot["may_pin"]) == ([1, 2], True)
        change_messages([Delete(bob.pk, "d", den.pk, 1)])
        assert '<span class="pins-count">1</span>' in text(browser(alice).get(f"/rooms/{den.slug}/"))

    def test_without_pins_there_is_no_button_and_the_page_says_so(self, alice, den, said):
        assert 'pins/" hidden' in text(browser(alice).get(f"/rooms/{den.slug}/"))
        assert "Nothing is pinned here" in text(browser(alice).get(f"/rooms/{den.slug}/pins/"))

    def test_where_one_may_not_pin_the_page_knows(self, alice, bob, chess, lobby):
        memberships.join(bob, "chess")
        for person, path, may in [(alice, "chess", True), (bob, "chess", False), (alice, "lobby", False)]:
            boot = browser(person).get(f"/rooms/{path}/", headers=IN_PLACE).json()["boot"]
            assert boot["may_pin"] is may

    def test_a_long_message_is_cut_and_keeps_what_it_hides(self, bob, alice, den, monkeypatch):
        monkeypatch.setattr(views, "LONGEST", 20)
        say(bob, "it was ||the butler, of course|| and **nobody** else", room=den)
        pin(bob, den)
        page = text(browser(alice).get(f"/rooms/{den.slug}/pins/"))
        assert "it was ▇▇▇ and **nob…" in page
        assert "butler" not in page


class TestSaved:
    def test_they_are_shown_with_their_place_the_last_saved_first(self, alice, bob, den, said):
        say(bob, "psst", to="alice")
        save(alice, den)
        save(alice, queries.direct_room_with(alice.pk, bob.pk).room)
        page = text(browser(alice).get("/saved/"))
        assert page.index("psst") < page.index("<strong>secret</strong>")
        assert f'href="/rooms/{den.slug}/1/"' in page
        assert 'href="/people/bob/1/"' in page
        assert "<bdi>Den</bdi>" in page

    def test_nobody_else_sees_them(self, alice, bob, den, said):
        save(alice, den)
        assert "Nothing saved" in text(browser(bob).get("/saved/"))

    def test_without_any_the_page_says_how(self, alice):
        assert "Nothing saved" in text(browser(alice).get("/saved/"))

    def test_what_is_done_is_removed_by_a_form_without_scripts_and_in_place(self, alice, bob, den, said):
        save(alice, den)
        save(alice, den, 2)
        first, second = Saved.objects.order_by("pk")
        assert browser(bob).post("/saved/", {"saved": first.pk}).status_code == 302
        assert Saved.objects.count() == 2
        client = browser(alice)
        assert client.post("/saved/", {"saved": first.pk})["Location"] == "/saved/"
        assert client.post("/saved/", {"saved": second.pk}, headers=IN_PLACE).status_code == 204
        assert client.post("/saved/", {"saved": "x"}, headers=IN_PLACE).status_code == 204
        assert not Saved.objects.exists()

    def test_no_byte_of_a_room_that_one_is_not_in_any_more_is_shown(self, alice, bob, den, said):
        save(bob, den)
        client = browser(bob)
        den.memberships.filter(profile=bob).delete()  # As if the row had been left behind.
        for page in (client.get("/saved/"), client.get("/saved/", {"room": den.pk})):
            for secret in ("secret", "Den", den.slug, '"numbers": [1'):
                assert secret not in text(page)

    def test_of_many_there_are_pages(self, alice, den, said, monkeypatch):
        monkeypatch.setattr(keeping, "SAVED_SHOWN", 1)
        monkeypatch.setattr(queries, "SAVED_SHOWN", 1)
        save(alice, den)
        save(alice, den, 2)
        client = browser(alice)
        last = Saved.objects.latest("pk").pk
        assert f"?before={last}" in text(client.get("/saved/"))
        assert "<strong>secret</strong>" in text(client.get("/saved/", {"before": last}))

    def test_rows_are_marked_for_oneself_alone_and_the_page_knows_the_numbers(self, alice, bob, den, said):
        save(alice, den, 2)
        for person, numbers in ((alice, [2]), (bob, [])):
            client = browser(person)
            page = client.get(f"/rooms/{den.slug}/")
            assert text(page).count("mark-of-saved") == 1 + len(numbers)
            assert client.get(f"/rooms/{den.slug}/", headers=IN_PLACE).json()["boot"]["saved"] == numbers
            assert client.get("/saved/", {"room": den.pk}).json() == {"numbers": numbers}

    def test_the_sidebar_leads_there(self, alice):
        assert 'href="/saved/" aria-current="page"' in text(browser(alice).get("/saved/"))


class TestOrigins:
    def test_who_may_read_the_original_is_led_there(self, alice, bob, den, lobby, said):
        forward(alice, den, lobby)
        answer = browser(bob).get("/rooms/lobby/1/origin/")
        assert (answer.status_code, answer["Location"]) == (302, f"/rooms/{den.slug}/1/")

    def test_a_page_that_is_open_is_told_whose_it_is_under_the_same_conditions(
        self, alice, bob, den, lobby, mallory, said
    ):
        forward(alice, den, lobby)
        answer = browser(bob).get("/rooms/lobby/1/origin/", headers=IN_PLACE)
        assert answer.json() == {"about": "From bob in “Den”"}
        assert browser(mallory).get("/rooms/lobby/1/origin/", headers=IN_PLACE).status_code == 404
        say(bob, "psst", to="alice")
        room = queries.direct_room_with(alice.pk, bob.pk).room
        post_messages([Draft(alice.pk, "g", "", lobby.pk, forward=Original(room.pk, 1))])
        answer = browser(alice).get("/rooms/lobby/2/origin/", headers=IN_PLACE)
        assert answer.json() == {"about": "From bob, in direct messages with bob"}

    def test_everybody_else_gets_the_same_answer_as_for_one_that_is_gone(self, alice, bob, den, lobby, mallory, said):
        forward(alice, den, lobby)
        client = browser(mallory)
        private = client.get("/rooms/lobby/1/origin/")
        assert private.status_code == 404
        assert "Original not available" in text(private)
        change_messages([Delete(bob.pk, "d", den.pk, 1)])
        assert client.get("/rooms/lobby/1/origin/").content == private.content
        assert client.get("/rooms/lobby/7/origin/").content == private.content

    def test_what_was_said_to_one_person_is_found_by_the_two_alone(self, alice, bob, lobby, mallory):
        say(bob, "psst", to="alice")
        forward(alice, queries.direct_room_with(alice.pk, bob.pk).room, lobby)
        assert browser(alice).get("/rooms/lobby/1/origin/")["Location"] == "/people/bob/1/"
        assert browser(bob).get("/rooms/lobby/1/origin/")["Location"] == "/people/alice/1/"
        assert browser(mallory).get("/rooms/lobby/1/origin/").status_code == 404

    def test_a_copy_in_direct_messages_leads_there_too(self, alice, bob, chess, mallory):
        say(alice, "e4", room=chess)
        say(alice, "hi", to="bob")
        forward(alice, chess, queries.direct_room_with(alice.pk, bob.pk).room)
        assert browser(bob).get("/people/alice/2/origin/")["Location"] == "/rooms/chess/1/"
        assert browser(mallory).get("/people/alice/2/origin/").status_code == 404

    def test_no_byte_of_a_private_origin_is_on_the_page_of_a_copy(self, alice, den, lobby, mallory, said):
        forward(alice, den, lobby)
        page = text(browser(mallory).get("/rooms/lobby/"))
        assert page.count("mark-of-forwarded") == 2  # One in a template.
        assert "<strong>secret</strong>" in page
        for hidden in (">bob<", "Den", den.slug):
            assert hidden not in page


def test_people_are_found_for_a_page_that_is_open(alice, bob):
    answer = browser(alice).get("/people/", {"q": "bo"}, headers=IN_PLACE)
    assert answer.json() == {"people": [{"nickname": "bob", "open": False, "here": False}]}
