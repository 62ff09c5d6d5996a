"""What is asked of an article: targets by name or in full, put to each of its quotes beside what is asked there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from quotestance.data.errors import FormatError
from quotestance.data.records import Article, Quote, Stance, Target
from quotestance.data.targets import read_targets, target_from_fields, target_from_name

TARGETS_FILE = ".toml"
OneTarget = str | Path | Target | Mapping[str, Any]
Targets = OneTarget | Iterable[OneTarget]


def as_targets(targets: Targets) -> tuple[Target, ...]:
    """Targets from names, Targets, dicts of a target's fields, targets files (Paths, and names that end in .toml), or one of these.

    A name that stands twice is asked once, and ids differ. Raises FormatError for what is none of them, and what
    `read_targets` raises.
    """
    asked: list[Target] = []
    for number, one in enumerate((targets,) if isinstance(targets, str | Path | Target | Mapping) else targets, 1):
        if isinstance(one, Target):
            asked.append(one)
        elif isinstance(one, Mapping):
            asked.append(target_from_fields(one, f"target {number}", before=asked))
        elif isinstance(one, Path) or (isinstance(one, str) and one.endswith(TARGETS_FILE)):
            asked.extend(read_targets(one))
        elif not isinstance(one, str):
            raise FormatError(
                f"target {number} should be a name, a Target, a dict of its fields or a targets file, but is {one!r:.60}."
            )
        elif one.strip() not in {target.name for target in asked}:
            asked.append(target_from_name(one, taken={target.id for target in asked}))
    return tuple(asked)


def asked_about(article: Article, targets: Iterable[Target]) -> Article:
    """The article with `targets` among its own, and asked of every quote that does not answer them yet.

    One whose name the article has already is that. Raises FormatError where the article has its id under another name.
    """
    own, ids = list(article.targets), []
    for target in targets:
        same = next((one for one in own if one.name == target.name), None)
        other = next((one for one in own if one.id == target.id), None)
        if same is None and other is not None:
            raise FormatError(
                f"its own target '{other.id}' is '{other.name}', but '{target.name}' is asked under that id. Give it another "
                "id in a targets file."
            )
        if same is None:
            own.append(target)
        ids.append((same or target).id)
    if not ids:
        return article
    return article.replace(targets=tuple(own), quotes=tuple(_asked(quote, ids) for quote in article.quotes))


def _asked(quote: Quote, ids: Iterable[str]) -> Quote:
    """A quote without stances is asked about every target anyhow."""
    answered = {stance.target for stance in quote.stances}
    more = tuple(Stance(target=one) for one in ids if one not in answered) if answered else ()
    return quote.replace(stances=(*quote.stances, *more)) if more else quote
