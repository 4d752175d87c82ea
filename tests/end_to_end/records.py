"""What a running server has stored: its rows, read beside it, and its files."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from .processes import Server


@dataclass(frozen=True)
class Stored:
    """Hashes by the file of each stored image, files of pictures made, and all files that are there."""

    images: dict[str, str]
    results: list[str]
    files: list[str]


def read_stored(server: Server) -> Stored:
    with closing(sqlite3.connect(server.folder / "db.sqlite3")) as database:
        images = database.execute("SELECT file, sha256 FROM comparisons_storedimage").fetchall()
        results = database.execute(
            "SELECT result_image FROM comparisons_comparison"
            " UNION ALL SELECT file FROM comparisons_renderedview"
        ).fetchall()
    files = (path for path in server.media.rglob("*") if path.is_file())
    return Stored(
        images=dict(images),
        results=sorted(name for (name,) in results),
        files=sorted(path.relative_to(server.media).as_posix() for path in files),
    )
