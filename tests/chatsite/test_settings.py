"""The settings that are made of the environment, in processes of their own: they are read once."""

from tests.chatsite.reading import run_settings, settings


def test_the_settings_take_what_the_environment_says(tmp_path):
    assert settings(tmp_path, "s.DEBUG, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS") == "False False 0"
    assert settings(tmp_path, "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE", HTTPS="on") == "True True"
    assert settings(tmp_path, "s.SECURE_HSTS_SECONDS > 0", HTTPS="on") == "True"
    assert settings(tmp_path, "s.SECRET_KEY", SECRET_KEY="mine") == "mine"


def test_a_forwarded_scheme_is_believed_only_behind_a_proxy(tmp_path):
    ask = "hasattr(s, 'SECURE_PROXY_SSL_HEADER')"
    assert settings(tmp_path, ask) == "False"
    assert settings(tmp_path, ask, TRUSTED_PROXIES="1") == "True"


def test_a_given_secret_key_makes_no_file(tmp_path):
    settings(tmp_path, "1", SECRET_KEY="mine")
    assert not (tmp_path / "secret_key").exists()


def test_a_password_in_a_wrong_database_address_is_not_told():
    """The sentence ends in logs."""
    done = run_settings(DATABASE_URL="mysql://chat:hunter2@db.example.org/chat")
    assert done.returncode != 0
    assert "DATABASE_URL" in done.stderr
    assert "hunter2" not in done.stderr
