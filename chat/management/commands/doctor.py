import logging
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from chat.doctor import configuration, database, disk, files, layer, open_files, outside
from chat.doctor.findings import Finding, Level


class Command(BaseCommand):
    help = "Looks whether the site is in order: a line for each thing, and status 1 if anything is wrong."
    requires_system_checks = []  # Their messages are among the findings.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--url", help="the site's address, such as https://chat.example.org/, to ask it from outside"
        )

    def handle(self, *args: Any, url: str | None = None, **options: Any) -> None:
        logging.disable()  # Anything logged meanwhile is already part of the findings, as a sentence.
        try:
            count = sum(self._tell(finding) for finding in _findings(url))
        finally:
            logging.disable(logging.NOTSET)
        if count:
            sys.exit(f"{count} thing{'s are' if count > 1 else ' is'} wrong.")

    def _tell(self, finding: Finding) -> bool:
        styles = {Level.WARNING: self.style.WARNING, Level.WRONG: self.style.ERROR}
        self.stdout.write(str(finding), styles.get(finding.level))
        return finding.level is Level.WRONG


def _findings(url: str | None) -> Iterator[Finding]:
    yield from configuration.check()
    yield from database.check()
    yield from disk.check()
    yield from files.check()
    yield from open_files.check()
    yield from layer.check()
    if url:
        yield from outside.check(url)
