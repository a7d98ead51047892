"""The site's application on a machine where no temporary file can be made, as in a container that is read-only."""

import tempfile

from chatsite.asgi import application  # noqa: F401

tempfile.tempdir = "/nowhere"
