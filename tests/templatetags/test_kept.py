"""Parts of pages that are rendered once."""

import pytest
from django.template import Context, Template
from django.urls import set_script_prefix
from django.utils import translation

SOURCE = (
    "{% load i18n kept %}{% kept wide %}{% translate 'Send' %} {% url 'chat:rooms' %} {{ wide }} {{ me }}{% endkept %}"
)


@pytest.fixture
def template() -> Template:
    return Template(SOURCE)


def test_nothing_of_one_person_comes_to_the_next(template):
    texts = {template.render(Context({"me": name, "wide": True})) for name in ("alice", "bob")}
    assert texts == {"Send /rooms/ True "}


def test_a_part_is_rendered_once_for_each_value_it_knows(template):
    texts = [template.render(Context({"wide": wide})) for wide in (1, 2, 1)]
    assert texts == ["Send /rooms/ 1 ", "Send /rooms/ 2 ", "Send /rooms/ 1 "]
    (node,) = [node for node in template.nodelist if hasattr(node, "texts")]
    assert len(node.texts) == 2


def test_it_is_rendered_for_each_language_and_prefix(template):
    plain = template.render(Context())
    with translation.override("zh-hans"):
        assert template.render(Context()) == "发送 /rooms/  "
    set_script_prefix("/chat/")
    try:
        assert template.render(Context()) == "Send /chat/rooms/  "
    finally:
        set_script_prefix("/")
    assert template.render(Context()) == plain == "Send /rooms/  "


def test_it_keeps_few_renderings(template):
    for wide in range(200):
        assert template.render(Context({"wide": wide})) == f"Send /rooms/ {wide} "
    (node,) = [node for node in template.nodelist if hasattr(node, "texts")]
    assert len(node.texts) <= 50


def test_during_development_it_is_rendered_each_time(template, settings):
    settings.DEBUG = True
    template.render(Context())
    (node,) = [node for node in template.nodelist if hasattr(node, "texts")]
    assert not node.texts
