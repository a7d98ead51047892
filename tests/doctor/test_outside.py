"""The doctor's findings about a site from outside; a site in order also behind the proxies of deploy/."""

import pytest

from chat import conf
from chat.doctor import outside
from chat.doctor.findings import Finding, Level
from tests.doctor.found import sentence
from tests.ports import free_port
from tests.proxies import bad_proxy
from tests.servers import Site, daphne

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def behind_a_proxy(tmp_path_factory):
    with daphne(tmp_path_factory.mktemp("behind"), TRUSTED_PROXIES="1") as running:
        yield running


def ask(url: str) -> list[Finding]:
    return list(outside.check(url))


def test_a_site_without_a_proxy_is_in_order(site: Site):
    findings = ask(site.url)
    assert {finding.level for finding in findings} == {Level.OK}, findings
    assert {finding.about for finding in findings} == {
        "site", "readiness", "streams", "origin", "client address", "WebSocket",
    }  # fmt: skip


@pytest.mark.parametrize("url", ["chat.example.org", "ftp://chat.example.org/", "http:///"])
def test_what_is_no_address_is_wrong(url):
    assert "Expected one like" in sentence(ask(url), "address")


def test_a_site_that_is_away_is_wrong():
    assert "refused" in sentence(ask(f"http://127.0.0.1:{free_port()}/"), "site")


def test_a_site_that_speaks_no_tls_there_is_wrong(site):
    assert "does not answer as it should" in sentence(ask(site.url.replace("http:", "https:")), "site")


def test_a_name_that_the_site_does_not_know_is_wrong(site):
    with bad_proxy(site, Host="elsewhere.example") as url:
        assert "ALLOWED_HOSTS" in sentence(ask(url), "site")


def test_an_address_under_which_something_else_lives_is_wrong(site):
    assert "not by this site" in sentence(ask(f"{site.url}/static/"), "site")


def test_a_site_whose_database_is_away_is_not_ready(tmp_path):
    with daphne(tmp_path) as site:
        if site.environment.get("DATABASE_URL"):
            pytest.skip("This one takes the file away.")
        for file in tmp_path.glob("chatsite.sqlite3*"):
            file.unlink()
        (tmp_path / "chatsite.sqlite3").write_text("this is a letter, not a database\n" * 100)
        assert "cannot serve" in sentence(ask(site.url), "readiness")


def test_a_proxy_that_buffers_and_passes_no_websocket_is_wrong(site):
    with bad_proxy(site) as url:
        findings = ask(url)
    assert "must not buffer" in sentence(findings, "streams")
    assert "Upgrade" in sentence(findings, "WebSocket")


def test_a_proxy_that_says_another_name_is_wrong(site):
    with bad_proxy(site, Host="localhost") as url:
        assert "must pass Host" in sentence(ask(url), "origin")


def test_a_proxy_that_nobody_trusts_is_a_warning(site):
    with bad_proxy(site, X_Forwarded_For="198.51.100.7") as url:
        assert "TRUSTED_PROXIES is 0" in sentence(ask(url), "client address", Level.WARNING)


def test_a_proxy_that_passes_on_what_clients_claim_is_wrong(behind_a_proxy):
    with bad_proxy(behind_a_proxy) as url:
        findings = ask(url)
    assert "claim any" in sentence(findings, "client address")
    assert "takes itself for https" in sentence(findings, "origin")


def test_a_proxy_that_says_who_the_client_is_is_well(behind_a_proxy, monkeypatch):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    with bad_proxy(behind_a_proxy, X_Forwarded_For="198.51.100.7", X_Forwarded_Proto="http") as url:
        findings = ask(url)
    assert "198.51.100.7" in sentence(findings, "client address", Level.OK)


@pytest.mark.parametrize("entry", ["198.51.100.7:51234", "[2001:db8::7]:443"])
def test_a_proxy_that_says_a_port_too_is_a_warning(behind_a_proxy, monkeypatch, entry):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    with bad_proxy(behind_a_proxy, X_Forwarded_For=entry, X_Forwarded_Proto="http") as url:
        assert "the address alone" in sentence(ask(url), "client address", Level.WARNING)


def test_a_proxy_that_names_nobody_is_wrong(behind_a_proxy, monkeypatch):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    with bad_proxy(behind_a_proxy, X_Forwarded_For="unknown", X_Forwarded_Proto="http") as url:
        assert "everybody counts as one" in sentence(ask(url), "client address")


def test_https_cookies_over_plain_http_are_wrong(site, settings):
    settings.SESSION_COOKIE_SECURE = True
    assert "nobody stays signed in" in sentence(ask(site.url), "origin")
