"""What the doctor says of the settings."""

import pytest

from chat import conf
from chat.doctor import configuration
from chat.doctor.findings import Level


def test_a_short_key_can_be_guessed(settings):
    settings.SECRET_KEY = "x7#kq9!pLz"
    assert "SECRET_KEY" in configuration.secret_key().sentence
    assert configuration.secret_key().level is Level.WRONG


@pytest.mark.parametrize("key", ["a" * 60, "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"])
def test_a_long_key_can_be_guessed_too(settings, key):
    settings.SECRET_KEY = key
    assert configuration.secret_key().level is Level.WRONG


def test_no_allowed_host_at_all_is_wrong(settings):
    settings.ALLOWED_HOSTS = []
    assert configuration.hosts().level is Level.WRONG


def test_a_csrf_cookie_over_plain_http_beside_a_secure_session_is_wrong(settings):
    settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE = True, False
    assert configuration.https().level is Level.WRONG


def test_a_proxy_without_https_is_a_warning(settings, monkeypatch):
    settings.SESSION_COOKIE_SECURE = False
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    assert configuration.https().level is Level.WARNING


def test_https_behind_a_proxy_is_in_order(settings, monkeypatch):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    assert configuration.https().level is Level.OK
