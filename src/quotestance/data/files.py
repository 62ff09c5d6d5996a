"""Files of the annotation format into articles, and articles into files, with nothing lost on the way.

`.json` holds one article, `.jsonl` one a line, both also with `.gz` or `.zst`; a folder holds any of these, `-` is a standard
stream. Text is never normalised: what was read is what is kept, and what is kept is what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from quotestance.data.atomic import STANDARD_STREAM, whole_file
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import Entry, json_line, read_json
from quotestance.data.packing import without_packing
from quotestance.data.problems import find_problems, record_error
from quotestance.data.records import FORMAT, Article

ONE_ARTICLE, ONE_A_LINE = (".json",), (".jsonl", ".ndjson")
ENDINGS = ", ".join([*ONE_ARTICLE, *ONE_A_LINE]) + " (each also with .gz or .zst)"


def read_articles(path: str | Path, *, rejects: Callable[[FormatError], None] | None = None) -> Iterator[Article]:
    """The articles of a file, of every file below a folder in the order of their names, or of standard input (`-`).

    One record is held at a time. A record that breaks the format raises a FormatError that names file, line, article,
    quote and every problem; with `rejects` it is given that error instead, and reading goes on with the next record.
    An article id that stands twice in what is read is an error, too.
    """
    seen: dict[str, str] = {}
    for entry in entries(path, rejects=rejects):
        try:
            article = to_article(entry)
            if article.id in seen:
                raise FormatError(
                    f"{entry.place}, article '{article.id}': this id stands already at {seen[article.id]}. Give "
                    "each article its own id."
                )
        except FormatError as problem:
            if rejects is None:
                raise
            rejects(problem)
            continue
        seen[article.id] = entry.place
        yield article


def write_articles(articles: Iterable[Article], path: str | Path) -> int:
    """Write articles to a `.json` (exactly one) or `.jsonl` file, or to standard output (`-`), and return their number.

    The file is there whole or not at all. Keys stand in the order of the format, "format" first, unset ones left out,
    unknown ones after the known ones of the same object. Raises FormatError for what could not be read back.
    """
    single = is_one_article(path)
    seen: set[str] = set()
    with whole_file(path) as stream:
        for article in articles:
            if article.id in seen:
                raise FormatError(f"{path}: article id '{article.id}' would stand twice. Give each article its own id.")
            if single and seen:
                raise FormatError(f"{path}: a .json file holds one article, but there are more. Name a .jsonl file.")
            seen.add(article.id)
            stream.write(
                json_line(article_record(article), where=f"article '{article.id}'", indent=2 if single else None)
            )
        if single and not seen:
            raise FormatError(
                f"{path}: a .json file holds one article, but there is none. Name a .jsonl file, which may be empty."
            )
    return len(seen)


def article_record(article: Article) -> dict[str, Any]:
    """The article as the JSON object that stands in a file."""
    return {"format": FORMAT, **article.model_dump(exclude_unset=True)}


def entries(path: str | Path, *, rejects: Callable[[FormatError], None] | None = None) -> Iterator[Entry]:
    """The JSON values where articles are expected, with their places, before they are checked."""
    for file in article_files(path):
        yield from read_json(file, whole=is_one_article(file), refuse=rejects)


def article_files(path: str | Path) -> list[str | Path]:
    """The files that `path` means: itself, or what lies below it. Raises FormatError where that is nothing."""
    if str(path) == STANDARD_STREAM:
        return [STANDARD_STREAM]
    place = Path(path)
    if not place.exists():
        raise FormatError(f"{path}: there is no such file or folder. Check the name.")
    if not place.is_dir():
        ending_of(place)
        return [place]
    found = [
        file
        for file in sorted(place.rglob("*"))
        if file.is_file() and _has_known_ending(file) and not _is_hidden(file, place)
    ]
    if not found:
        raise FormatError(
            f"{path}: there is no article file in this folder. Articles are in files that end in {ENDINGS}."
        )
    return list(found)


def to_article(entry: Entry) -> Article:
    """The article of a JSON value. Raises FormatError with every problem."""
    try:
        return Article.model_validate(entry.value)
    except ValidationError:
        raise record_error(entry.place, entry.value, find_problems(entry.value)) from None


def is_one_article(path: str | Path) -> bool:
    """Whether a file by this name holds one article rather than one a line. Raises FormatError for another ending."""
    return str(path) != STANDARD_STREAM and ending_of(path) in ONE_ARTICLE


def ending_of(path: str | Path) -> str:
    """The ending that says what a file holds, without `.gz` or `.zst`. Raises FormatError where it is none of the format's."""
    ending = without_packing(path).suffix.lower()
    if ending not in ONE_ARTICLE + ONE_A_LINE:
        raise FormatError(f"{path}: the ending '{ending}' is not one of article files. They end in {ENDINGS}.")
    return ending


def _has_known_ending(file: Path) -> bool:
    try:
        ending_of(file)
    except FormatError:
        return False
    return True


def _is_hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)
