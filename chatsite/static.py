from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix


class Storage(StaticFilesStorage):
    """Django's, which asks for the path prefix once, before the first request has told it (Daphne's `--root-path`)."""

    @property
    def base_url(self) -> str:
        return f"{get_script_prefix()}static/"
