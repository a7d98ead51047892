"""`manage.py check`: Django's system checks and the chat's own, in the site of this repository."""

import re

import pytest
from django.core.checks import run_checks

from chat import checks, conf
from tests.commands import run

WELL = {"HTTPS": "on", "TRUSTED_PROXIES": "1", "ALLOWED_HOSTS": "chat.example.org"}


def test_deployment_checks_find_nothing_in_a_site_that_is_well_configured(tmp_path):
    done = run("manage.py", "check", "--deploy", "--fail-level", "DEBUG", data_dir=tmp_path, **WELL)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


BAD = {"SECRET_KEY": "secret", "SECRET_KEY_FALLBACKS": "a" * 60, "DEBUG": "on", "ALLOWED_HOSTS": "*"}


def test_deployment_checks_find_each_bad_setting_once(tmp_path):
    done = run("manage.py", "check", "--deploy", data_dir=tmp_path, **BAD)
    assert done.returncode == 1
    assert sorted(re.findall(r"\((\S+\.[EW][0-9]+)\)", done.stderr)) == [
        "chat.E002", "security.W009", "security.W012", "security.W018", "security.W025",
    ]  # fmt: skip


def test_what_matters_in_deployment_alone_is_not_said_to_developers(tmp_path):
    done = run("manage.py", "check", "--fail-level", "DEBUG", data_dir=tmp_path, **BAD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("is_secure", "trusted", "found"), [(True, 0, 1), (True, 1, 0), (False, 0, 0), (False, 1, 0)])
def test_https_without_a_trusted_proxy_is_a_warning(settings, monkeypatch, is_secure, trusted, found):
    settings.SESSION_COOKIE_SECURE = is_secure
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", trusted)
    assert [message.id for message in checks.proxies()] == ["chat.W001"] * found


def test_no_allowed_host_at_all_is_a_warning_of_django_s_that_is_not_silenced(settings):
    settings.ALLOWED_HOSTS = []
    messages = run_checks(tags=["security"], include_deployment_checks=True)
    assert "security.W020" in [message.id for message in messages if not message.is_silenced()]
