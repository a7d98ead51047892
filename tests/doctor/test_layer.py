"""The doctor's findings about the channel layer and Redis."""

import pytest

from chat.doctor import layer
from chat.doctor import redis as redis_checks
from chat.doctor.findings import Level
from tests.doctor.found import found, sentence
from tests.servers import least_rights


@pytest.fixture
def with_redis(redis, settings):
    backend = "chat.layers.redis.RedisChannelLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": [redis.url]}}}
    redis.command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 33554432 8388608 60")
    return redis


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(layer, "PATIENCE", 1)
    monkeypatch.setattr(redis_checks, "PATIENCE", 1)


def about(redis) -> str:
    return f"Redis 127.0.0.1:{redis.port}"


def test_a_redis_in_order_says_so_with_figures(with_redis):
    findings = list(layer.check())
    assert {finding.level for finding in findings} == {Level.OK}, findings
    assert "version 7" in findings[0].sentence
    assert "32 MiB" in findings[1].sentence
    assert " ms" in found(findings, "events").sentence


@pytest.mark.parametrize(("limit", "word"), [("0 0 0", "without end"), ("1048576 0 0", "1.0 MiB")])
def test_a_redis_that_treats_slow_readers_badly_is_a_warning(with_redis, limit, word):
    with_redis.command("CONFIG", "SET", "client-output-buffer-limit", f"pubsub {limit}")
    _, backlog, _ = layer.check()
    assert backlog.level is Level.WARNING
    assert word in backlog.sentence


def test_a_redis_that_tells_nothing_of_its_limits_is_a_warning(with_redis, settings):
    with_redis.command("ACL", "SETUSER", "narrow", "on", ">pass", "~*", "&*", "+@all", "-config")
    address = f"redis://narrow:pass@127.0.0.1:{with_redis.port}/0"
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [address]}
    _, backlog, _ = layer.check()
    assert backlog.level is Level.WARNING
    assert "does not tell" in backlog.sentence


def test_a_redis_that_allows_no_more_than_it_must_is_a_warning(with_redis, settings):
    with_redis.command(*least_rights("least", "pass"))
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [f"redis://least:pass@127.0.0.1:{with_redis.port}/0"]}
    version, backlog, events = layer.check()
    assert version.level is backlog.level is Level.WARNING
    assert "does not tell its version" in version.sentence
    assert events.level is Level.OK


def test_a_redis_that_allows_two_more_is_in_order(with_redis, settings):
    with_redis.command(*least_rights("more", "pass", "+info", "+config|get"))
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [f"redis://more:pass@127.0.0.1:{with_redis.port}/0"]}
    assert {finding.level for finding in layer.check()} == {Level.OK}


def test_an_old_redis_is_a_warning():
    assert redis_checks.judged("Redis", {"redis_version": "6.0.16"}).level is Level.WARNING


def test_a_redis_that_has_stopped_is_wrong(with_redis, impatient):
    with_redis.stop()
    try:
        findings = list(layer.check())
    finally:
        with_redis.start()
    assert "does not answer" in sentence(findings, about(with_redis))
    assert "did not come" in sentence(findings, "events")


@pytest.mark.proof
def test_a_redis_that_hangs_is_wrong(with_redis, impatient):
    with_redis.pause()
    try:
        findings = list(layer.check())
    finally:
        with_redis.resume()
    assert "does not answer" in sentence(findings, about(with_redis))
    assert "did not come" in sentence(findings, "events")


def test_a_redis_that_lets_nobody_listen_is_wrong(with_redis, settings, impatient):
    """It answers, and yet no event passes: only sending one shows it."""
    with_redis.command("ACL", "SETUSER", "deaf", "on", ">pass", "~*", "resetchannels", "+@all")
    address = f"redis://deaf:pass@127.0.0.1:{with_redis.port}/0"
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [address]}
    findings = list(layer.check())
    assert {finding.level for finding in findings[:2]} == {Level.OK}
    assert "did not come" in sentence(findings, "events")


def test_a_channel_layer_of_another_kind_is_wrong(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    assert "LocalChannelLayer" in sentence(layer.check(), "channel layer")


def test_no_channel_layer_at_all_is_wrong(settings):
    settings.CHANNEL_LAYERS = {}
    assert "LocalChannelLayer" in sentence(layer.check(), "channel layer")
