"""Projects with a user model of their own."""

import pytest

from tests.commands import run

pytestmark = pytest.mark.proof

SETTINGS = """
from chatsite.settings import *
AUTH_USER_MODEL = "owners.User"
INSTALLED_APPS += ["owners"]
"""


@pytest.fixture
def project(tmp_path):
    """Runs Python in a project whose users are as the source of a model says: `project("class User…", "-m", …)`."""

    def run_with(model: str, *arguments: str):
        (tmp_path / "owners").mkdir()
        (tmp_path / "owners" / "models.py").write_text(model)
        (tmp_path / "project.py").write_text(SETTINGS)
        return run(*arguments, data_dir=tmp_path, PYTHONPATH=str(tmp_path), DJANGO_SETTINGS_MODULE="project")

    return run_with


HIDING = """
from django.contrib.auth.models import AbstractUser, UserManager

class Visible(UserManager):
    def get_queryset(self):
        return super().get_queryset().{only}

class User(AbstractUser):
    objects = Visible()
"""
IS_BATCHED = "import django; django.setup(); from chat.live import admission; print(admission._MANY_AT_ONCE)"


@pytest.mark.parametrize(("only", "is_batched"), [("filter(is_staff=False)", False), ("all()", True)])
def test_sessions_of_users_whom_a_manager_hides_are_left_to_django(project, only, is_batched):
    done = project(HIDING.format(only=only), "-c", IS_BATCHED)
    assert done.stdout == f"{is_batched}\n", done.stderr


INHERITED = """
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

class Person(models.Model):
    is_active = models.BooleanField(default=True, db_column="isActive")

class User(Person, AbstractUser):
    is_active = None
    objects = UserManager()

    class Meta:
        db_table = "Owners"
"""
SAYS = """
import django; django.setup()
from django.core.management import call_command
from chat.actions import people
from chat.actions.messages import Draft, post_messages
from chat.models import Room
call_command("migrate", run_syncdb=True, verbosity=0)
alice = people.join("alice")
def say(client_id):
    print(type(post_messages([Draft(alice.pk, client_id, "hi", Room.objects.get().pk)])[0]).__name__)
say("one")
type(alice.user.person_ptr).objects.update(is_active=False)
say("two")
"""


def test_somebody_who_is_inactive_by_a_column_of_another_table_writes_nothing(project):
    done = project(INHERITED, "-c", SAYS)
    assert done.stdout == "Stored\nRefusal\n", done.stderr


BY_UUID = """
import uuid
from django.contrib.auth.models import AbstractUser
from django.db import models

class User(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
"""
EXTENDING = """
from django.contrib.auth.models import AbstractUser
from django.db import models

class Person(models.Model):
    pass

class User(Person, AbstractUser):
    pass
"""


@pytest.mark.parametrize("command", [("check",), ("migrate",), ("doctor",)])
def test_users_whose_ids_are_no_numbers_are_an_error(project, command):
    done = project(BY_UUID, "manage.py", *command)
    assert done.returncode == 1
    said = "(chat.E001) The chat needs users with integer primary keys; owners.User has a UUIDField."
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_users_whose_ids_are_those_of_another_model_are_none(project):
    done = project(EXTENDING, "manage.py", "check")
    assert done.returncode == 0, done.stderr
