from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0008_departures'),
    ]

    operations = [
        migrations.AddField(
            model_name='profile',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
    ]
