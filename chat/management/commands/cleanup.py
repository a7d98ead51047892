from typing import Any

from django.core.management.base import BaseCommand

from chat.actions import cleaning


class Command(BaseCommand):
    help = "Removes what nobody needs any more, as the site does by itself once an hour. It may run meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, piece_of_work in cleaning.WORK.items():
            piece = piece_of_work(0)
            count = piece.rows
            while piece.next is not None:
                piece = piece_of_work(piece.next)
                count += piece.rows
            self.stdout.write(f"{count:,} {what}")
