from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from comparisons.services import prune_files


class Command(BaseCommand):
    help = "Delete stored files that no comparison points at: what a killed server has left behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--min-age-minutes",
            type=float,
            default=60,
            help="Leave younger files alone: a request in hand may be about to use them.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Only list the files.")

    def handle(self, *, min_age_minutes: float, dry_run: bool, **_options: Any) -> None:
        names = prune_files(min_age=timedelta(minutes=min_age_minutes), dry_run=dry_run)
        for name in names:
            self.stdout.write(name)
        self.stdout.write(f"{len(names)} files {'would be ' if dry_run else ''}deleted")
