"""Reports of pages about their faults: who may, how much, how often, and what the log says."""

import json

import pytest
from django.test import Client

from chat.limits import Buckets
from chat.views import reports
from tests.pages import browser, counts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]

FAULT = {"about": "message", "error": "TypeError: x is not a function", "stack": "show /static/1/chat/a.js:3:7"}


@pytest.fixture(autouse=True)
def full_buckets(monkeypatch):
    for name, burst in (("people", reports.BURST), ("addresses", reports.CLASS * reports.BURST)):
        limit = getattr(reports, name)
        monkeypatch.setattr(reports, name, limit._replace(buckets=Buckets(burst, 1e-9)))


@pytest.fixture
def lines(caplog):
    """The log's lines about reports."""
    caplog.set_level("WARNING", logger="chat.views.reports")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "chat.views.reports"]


def tell(client: Client, fault: object = FAULT, **options: object):
    body = fault if isinstance(fault, (str, bytes)) else json.dumps(fault)
    return client.post("/live/report", body, **({"content_type": "application/json"} | options))


def test_a_report_is_counted_and_logged_and_nothing_is_stored(bob, lines):
    client, before = browser(bob), counts()
    answers = [tell(client), tell(client)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert counts() == before
    first, second = lines()
    assert f"of person {bob.pk}: 'TypeError: x is not a function', about 'message', at 'show /static/" in first
    numbers = [int(line.split()[1]) for line in (first, second)]
    assert numbers[1] == numbers[0] + 1


def test_a_report_is_one_line_whatever_it_contains(bob, lines):
    assert tell(browser(bob), FAULT | {"error": "a\nFault 9\r\x1b[2J\u2028\u202e", "about": "\0"}).status_code == 204
    (line,) = lines()
    assert line.isascii()
    assert line.isprintable()


@pytest.mark.parametrize("client", [Client(), Client(headers={"Cookie": "sessionid=none"})])
def test_nobody_without_a_session_reports(client, lines):
    assert tell(client).status_code == 401
    assert lines() == []


def test_nothing_is_reported_without_a_token(bob, lines):
    assert tell(browser(bob, enforce_csrf_checks=True)).status_code == 403
    assert lines() == []


def test_a_report_with_its_token_is_taken(bob, lines):
    client = browser(bob, enforce_csrf_checks=True)
    client.get("/rooms/new/")
    token = client.cookies["csrftoken"].value
    assert tell(client, headers={"X-CSRFToken": token}).status_code == 204
    assert len(lines()) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (FAULT | {"stack": "x" * 1501}, 400),
        (FAULT | {"error": "x" * 301}, 400),
        (FAULT | {"about": "x" * 41}, 400),
        ("x" * (reports.BODY_BYTES + 1), 413),
        ("{", 400),
        (b'{"about": "\xff"}', 400),
        ([], 400),
        ({"about": "message"}, 400),
    ],
)
def test_what_is_too_large_or_no_report_is_refused(bob, lines, fault, status):
    assert tell(browser(bob), fault).status_code == status
    assert lines() == []


def test_a_form_is_no_report(bob, lines):
    assert browser(bob).post("/live/report", FAULT).status_code == 415
    assert lines() == []


def test_a_person_reports_only_so_often(bob, alice, lines):
    client = browser(bob)
    answers = [tell(client) for _ in range(reports.BURST + 1)]
    assert [answer.status_code for answer in answers] == [204] * reports.BURST + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert len(lines()) == reports.BURST
    assert tell(browser(alice)).status_code == 204


def test_the_people_of_one_address_report_only_so_often(bob, alice, monkeypatch):
    monkeypatch.setattr(reports, "addresses", reports.addresses._replace(buckets=Buckets(2, 1e-9)))
    assert [tell(browser(one)).status_code for one in (bob, alice, bob)] == [204, 204, 429]


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_a_report_is_only_ever_posted(bob, method):
    assert getattr(browser(bob), method)("/live/report").status_code == 405
