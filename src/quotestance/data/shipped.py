"""What comes with the package: below `shipped/` where it is installed, in the repository's folders where it is a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str, *, in_repository: str) -> Path | None:
    """The place of a shipped file, which a checkout has in that folder of the repository; None where there is none of the name."""
    places = (home / name for home in (PACKAGE / "shipped", PACKAGE.parent.parent / in_repository))
    return next((place for place in places if place.is_file()), None)
