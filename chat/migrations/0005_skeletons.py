from typing import Any

from django.db import migrations, models, transaction

from chat.text import nicknames

PIECE = 1_000


def fill(apps: Any, schema_editor: Any) -> None:
    """In small pieces, each a transaction: people go on talking meanwhile."""
    Profile = apps.get_model('chat', 'Profile')
    quote = schema_editor.quote_name
    statement = 'UPDATE {} SET {} = %s WHERE {} = %s'.format(
        quote(Profile._meta.db_table), quote('skeleton'), quote(Profile._meta.pk.column)
    )
    rows = Profile.objects.order_by('pk').values_list('pk', 'nickname')
    piece = list(rows[:PIECE])
    while piece:
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.executemany(statement, [(nicknames.skeleton(nickname), pk) for pk, nickname in piece])
        piece = list(rows.filter(pk__gt=piece[-1][0])[:PIECE])


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('chat', '0004_fewer_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='profile',
            name='skeleton',
            field=models.CharField(blank=True, db_default='', max_length=255),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['skeleton'], name='profile_by_skeleton'),
        ),
    ]
