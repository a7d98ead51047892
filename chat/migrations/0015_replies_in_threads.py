from typing import Any

from django.db import migrations, transaction

PIECE = 100


def put_into_threads(apps: Any, schema_editor: Any) -> None:
    """Puts the replies that are there already into their threads, a few at a time: other processes are serving.

    In the order in which they were written: what a reply answers is in its thread by then.
    """
    messages = apps.get_model("chat", "Message").objects
    loose = messages.filter(reply_to__isnull=False, thread=None).order_by("pk")
    while found := list(loose.values_list("pk", "room", "reply_to")[:PIECE]):
        with transaction.atomic():
            for pk, room, number in found:
                original = messages.filter(room=room, number=number).values_list("thread", flat=True).first()
                messages.filter(pk=pk).update(thread=original or number)


class Migration(migrations.Migration):
    # A piece is one transaction, and the whole can be begun again.
    atomic = False

    dependencies = [
        ('chat', '0014_threads'),
    ]

    operations = [
        migrations.RunPython(put_into_threads, migrations.RunPython.noop, elidable=True),
    ]
