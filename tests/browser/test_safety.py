"""The words of people are text everywhere. That no policy was broken, the fixtures check for every test."""

import pytest
from playwright.sync_api import expect

ATTACKS = [
    "<img src=x onerror=\"document.title='hacked'\">",
    "<script>document.title='hacked'</script>",
    "</template></script><svg onload=\"document.title='hacked'\">",
    "javascript:document.title='hacked'",
    "https://example.org/\"onmouseover=\"document.title='hacked'",
    "{{ 7|add:7 }} &lt;b&gt; ${7+7}",
]


def test_a_body_stays_text_live_and_on_a_fresh_page(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    for attack in ATTACKS:
        alice.say(attack)
    for _ in range(2):
        for person in (alice, bob):
            expect(person.page.locator(".message:not(.pending) .body")).to_have_text(ATTACKS)
            assert person.page.locator(".body :not(a)").count() == 0
            hrefs = person.page.locator(".body a").evaluate_all("links => links.map((link) => link.protocol)")
            assert set(hrefs) == {"https:"}
            assert "hacked" not in person.page.title()
            person.page.reload()
            person.wait_until_live()


@pytest.mark.proof
def test_titles_and_topics_stay_text(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    for attack in ATTACKS[:3]:
        title = f"{alice.nickname} {attack}"[:60].strip()
        alice.submit(f"{address}edit/", title=title, topic=attack)
        alice.go(address)
        for person in (alice, bob):
            expect(person.page.get_by_role("heading", level=1)).to_have_text(title)
            expect(person.page.locator("#topic")).to_have_text(attack)
            expect(person.page.locator("#rooms [aria-current] .name")).to_have_text(title)
    bob.page.goto("/rooms/")
    expect(bob.page.locator(".card", has_text=title)).to_contain_text(attack)


def test_an_address_of_a_person_that_is_markup_stays_text(visit):
    alice = visit("alice")
    alice.page.goto("/people/%3Cimg%20src=x%20onerror=alert(1)%3E/")
    expect(alice.page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert alice.page.locator("main img").count() == 0
    alice.faults.clear()


def test_the_browser_makes_no_markup_of_text_that_the_site_has_not_sent(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    make = "(html) => { try { document.createElement('p').innerHTML = html } catch (error) { return error.name } }"
    assert alice.page.evaluate(make, "<b>bold</b>") == "TypeError"
    another = "() => { try { trustedTypes.createPolicy('other', {}) } catch (error) { return error.name } }"
    assert alice.page.evaluate(another) == "TypeError"
    alice.faults.clear()


def test_links_of_others_open_elsewhere_and_tell_nothing(visit, room):
    alice = visit("alice")
    room(alice)
    alice.say("https://example.org/page")
    link = alice.page.locator(".message:not(.pending) .body a")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
