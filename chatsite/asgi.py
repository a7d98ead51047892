"""The doors: live ones to the chat, pages to Django. `daphne chatsite.asgi:application` serves it."""

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

from django.core.asgi import get_asgi_application

from chat.routing import with_chat
from chatsite import postgresql
from chatsite.startup import check_database
from chatsite.static import Released

check_database()
postgresql.serve()
application = with_chat(Released(get_asgi_application()))
# What is loaded by now stays, and so does most of what a connection is made of: looking through all of it for garbage
# as often as Python would is a sixth of what a handshake costs.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
if isinstance(sys.stdout, TextIOWrapper):
    sys.stdout.reconfigure(line_buffering=True)  # So that Daphne's log of requests comes line by line, into a file too.
