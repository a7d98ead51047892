"""`manage.py doctor` on settings: a line for each message of Django's system checks."""

import pytest
from django.core import checks

from chat.doctor import configuration
from chat.doctor.findings import Level


def found(monkeypatch, *messages) -> list[str]:
    monkeypatch.setattr(configuration, "run_checks", lambda **_: list(messages))
    site, *others = configuration.check()
    assert site.level is Level.OK
    assert site.about == "site"
    return [str(finding) for finding in others]


def test_each_message_is_a_line_with_its_hint(monkeypatch):
    assert found(
        monkeypatch,
        checks.Error("It cannot work.", hint="Leave it.", obj="owners.User", id="chat.E001"),
        checks.Warning("It is\nslow.", id="other.W001"),
        checks.Info("It is new."),
    ) == [
        "wrong    settings: owners.User: (chat.E001) It cannot work. HINT: Leave it.",
        "warning  settings: (other.W001) It is slow.",
        "warning  settings: It is new.",
    ]


def test_silenced_messages_are_left_out_and_without_any_the_settings_are_in_order(monkeypatch, settings):
    settings.SILENCED_SYSTEM_CHECKS = ["other.W001"]
    assert found(monkeypatch, checks.Warning("It is slow.", id="other.W001")) == [
        "ok       settings: manage.py check --deploy finds nothing"
    ]


@pytest.mark.parametrize(
    "key", ["x7#kq9!pLz", "a" * 60, "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz0123456789"]
)
def test_a_key_that_can_be_guessed_is_wrong(settings, key):
    settings.SECRET_KEY = key
    assert "security.W009" in wrong()


def test_no_allowed_host_is_wrong(settings):
    settings.ALLOWED_HOSTS = []
    assert "security.W020" in wrong()


def wrong() -> str:
    return " ".join(finding.sentence for finding in configuration.check() if finding.level is Level.WRONG)
