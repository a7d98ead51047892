from typing import Any

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from chat.text import lines


def fill(apps: Any, schema_editor: Any) -> None:
    Room, Membership = apps.get_model("chat", "Room"), apps.get_model("chat", "Membership")
    rooms = Room.objects.using(schema_editor.connection.alias)
    members = Membership.objects.filter(room=OuterRef("pk")).order_by().values("room").annotate(count=Count("pk"))
    rooms.update(member_count=Coalesce(Subquery(members.values("count")), 0))
    titled = rooms.exclude(title="").only("title")
    for room in titled.iterator(chunk_size=1000):
        rooms.filter(pk=room.pk).update(title_key=lines.key(room.title))


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0005_skeletons'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chore',
            fields=[
                ('name', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='profile',
            name='seen_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='room',
            name='member_count',
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='room',
            name='title_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=255),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(fields=['room', 'role', 'id'], name='members_by_role'),
        ),
        migrations.AddIndex(
            model_name='room',
            index=models.Index(fields=['kind', '-member_count', 'title_key', 'id'], name='rooms_by_size'),
        ),
        migrations.AddIndex(
            model_name='room',
            index=models.Index(fields=['kind', 'title_key'], name='rooms_by_title', opclasses=['varchar_pattern_ops', 'varchar_pattern_ops']),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
