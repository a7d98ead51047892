"""The ASGI entry point: live endpoints go to the chat, pages to Django. Serve `chatsite.asgi:application`."""

import gc
import os
import sys
from io import TextIOWrapper

import django
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
try:
    django.setup()
except ImproperlyConfigured as error:
    sys.exit(f"chatsite cannot start: {error}")

from django.conf import settings
from django.core.asgi import get_asgi_application

from chat.routing import with_chat
from chatsite import postgresql
from chatsite.startup import check_database
from chatsite.static import Released

check_database()
postgresql.serve()
application = with_chat(Released(get_asgi_application(), settings.STATIC_ROOT))
# Everything loaded by now stays, and so do most objects of a connection: scanning all of them for garbage as often as
# Python does by default is a sixth of the cost of a handshake.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
if isinstance(sys.stdout, TextIOWrapper):
    sys.stdout.reconfigure(line_buffering=True)  # Daphne's request log is flushed line by line, into a file too.
