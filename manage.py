#!/usr/bin/env python
"""Django's command line for chatsite: migrate, runserver, createsuperuser and the rest."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        import chatsite.settings  # noqa: F401  A wrong setting ends every command with its sentence.
    except ImproperlyConfigured as error:
        sys.exit(f"chatsite cannot start: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
