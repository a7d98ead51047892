import json

import pytest
from django.test import Client
from django.urls import reverse

from chat.text import emoji

pytestmark = [pytest.mark.django_db, pytest.mark.above_storage]


def test_the_catalogue_of_emoji_is_kept_for_good_under_its_version():
    answer = Client().get(reverse("chat:emoji", args=[emoji.version()]))
    assert json.loads(answer.content)[0][0] == "smileys"
    assert "immutable" in answer["Cache-Control"]


def test_under_the_version_of_another_release_it_is_not_kept():
    answer = Client().get(reverse("chat:emoji", args=["older"]))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
