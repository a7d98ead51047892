"""Pages are compressed, and their lengths tell little."""

import gzip
import re

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_a_page_is_compressed_for_who_accepts_it(visitor):
    page = visitor.get("/", headers={"accept-encoding": "gzip, deflate, br"})
    assert page["content-encoding"] == "gzip"
    assert page["content-length"] == str(len(page.content))
    assert "Accept-Encoding" in page["vary"]
    assert b"<!doctype html>" in gzip.decompress(page.content)


def test_a_page_is_sent_as_it_is_to_others(visitor):
    page = visitor.get("/")
    assert "content-encoding" not in page.headers
    assert "Accept-Encoding" in page["vary"]


def test_the_lengths_of_a_page_vary(visitor):
    lengths = {len(visitor.get("/", headers={"accept-encoding": "gzip"}).content) for _ in range(30)}
    assert len(lengths) > 10


def test_a_page_never_shows_the_same_token_twice(visitor):
    """Otherwise it could be guessed letter by letter from lengths."""
    pages = [visitor.get("/").content.decode() for _ in range(5)]
    tokens = [token for page in pages for token in re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)]
    assert len(set(tokens)) == len(tokens) >= 5


def test_a_part_of_a_file_without_a_release_is_not_compressed(visitor):
    headers = {"range": "bytes=0-9", "accept-encoding": "gzip"}
    part = visitor.get("/static/chat/styles/tokens.css", headers=headers)
    assert (part.status_code, part["content-length"]) == (206, "10")
    assert "content-encoding" not in part.headers
