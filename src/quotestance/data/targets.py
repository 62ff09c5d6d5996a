"""A targets file (TOML) into the targets that are asked about, and a phrase into a target with an id.

[[target]]
id = "us-talks"                     # optional: made from the name
name = "negotiations between Iran and the United States"
kind = "policy"                     # person, organisation, country, policy, event, claim, other
aliases = ["talks with the US"]
description = "…"                   # optional; shown to annotators
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args

from quotestance.data.atomic import STANDARD_STREAM
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import decoded, display_name, opened, unreadable
from quotestance.data.packing import BROKEN
from quotestance.data.records import Target, TargetKind

KEYS = ("id", "name", "kind", "aliases", "description")
KINDS: tuple[str, ...] = get_args(TargetKind)
LONGEST_ID = 60
HEADER = re.compile(r"\s*\[\[\s*(?:target|\"target\"|'target')\s*\]\]")
TRIPLE = re.compile(r'"""|\'\'\'')


def read_targets(path: str | Path) -> tuple[Target, ...]:
    """The targets of a TOML file (`-`: standard input), in its order.

    Raises FormatError with file, line and remedy of every problem: unknown keys, kinds and tables, ids or names that
    stand twice, a missing name, or nothing asked at all.
    """
    name = display_name(path)
    text = _text(path, name)
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise FormatError(
            f'{name}: is not TOML: {problem}. A target looks like this:\n[[target]]\nid = "us-talks"\nname = "…"'
        ) from None
    lines = _Lines(text, name)
    tables = content.get("target", [])
    problems = [
        f"{lines.top(key)}: unknown table or key '{key}'. A targets file has [[target]] tables only."
        for key in content
        if key != "target"
    ]
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise FormatError(f"{lines.top('target')}: write [[target]] with two brackets, once for each target.")
    if not tables and not problems:
        raise FormatError(f"{name}: asks about nothing. Add a [[target]] with a name.")
    targets: list[Target] = []
    for number, table in enumerate(tables):
        found = _problems(table, partial(lines.of, number), targets)
        problems.extend(found)
        if not found:
            targets.append(_target(table, targets))
    if problems:
        raise _refusal(problems, name)
    return tuple(targets)


def target_from_fields(fields: Mapping[str, Any], where: str, *, before: Sequence[Target] = ()) -> Target:
    """A target by its fields, named and checked as the keys of a [[target]]; `before` are those it stands behind.

    Raises FormatError that says `where` it stands.
    """
    if problems := _problems(fields, lambda key=None: where, before):
        raise _refusal(problems, where)
    return _target(fields, before)


def target_from_name(name: str, *, taken: Collection[str] = ()) -> Target:
    """A target by its name alone, with an id made from it: "negotiations with the US" is `negotiations-with-the-us`.

    The same name gets the same id always; where that is in `taken`, a number is added. Raises FormatError for an
    empty name.
    """
    named = name.strip()
    if not named:
        raise FormatError("A target needs a name, for example: negotiations with the US.")
    slug = _slug(named)
    number = 2
    made = slug
    while made in taken:
        made, number = f"{slug}-{number}", number + 1
    return Target(id=made, name=named)


def _problems(table: Mapping[str, Any], at: Callable[..., str], before: Sequence[Target]) -> list[str]:
    """What is wrong with a target; `at` says where its table stands, or a key of it."""
    found = [f"{at(key)}: unknown key '{key}'. A target has: {', '.join(KEYS)}." for key in table if key not in KEYS]
    if "name" not in table:
        found.append(
            f'{at()}: the target has no name. Add name = "…", a short noun phrase that makes sense without the article.'
        )
    for key in ("id", "name", "description"):
        if key in table and (not isinstance(table[key], str) or not table[key].strip()):
            found.append(f"{at(key)}: '{key}' should be text in quotation marks and not empty, but is {table[key]!r}.")
    if "kind" in table and table["kind"] not in KINDS:
        found.append(f"{at('kind')}: unknown kind {table['kind']!r}. There are: {', '.join(KINDS)}.")
    aliases = table.get("aliases", [])
    if not isinstance(aliases, list | tuple) or not all(isinstance(alias, str) for alias in aliases):
        found.append(f'{at("aliases")}: \'aliases\' should be a list of texts, ["…", "…"], but is {aliases!r}.')
    for key, used in (("id", [target.id for target in before]), ("name", [target.name for target in before])):
        if table.get(key) in used:
            found.append(f"{at(key)}: the {key} '{table[key]}' stands already at another target. Give each its own.")
    return found


def _refusal(problems: list[str], name: str) -> FormatError:
    return FormatError(
        problems[0]
        if len(problems) == 1
        else f"{name}: {len(problems)} problems\n" + "\n".join(f"  - {one}" for one in problems)
    )


def _target(table: Mapping[str, Any], before: Sequence[Target]) -> Target:
    made = (
        table
        if "id" in table
        else {"id": target_from_name(table["name"], taken={target.id for target in before}).id, **table}
    )
    return Target(**made)


class _Lines:
    """Where things stand in a TOML file: its parser keeps no lines, so tables are counted and keys looked for."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.outside = list(_outside_strings(text))
        self.headers = [number for number, line in self.outside if HEADER.match(line)]

    def of(self, table: int, key: str | None = None) -> str:
        if table >= len(self.headers):
            return f"{self.name}, target {table + 1}"  # written inline: target = [{…}]
        start = self.headers[table]
        end = self.headers[table + 1] if table + 1 < len(self.headers) else float("inf")
        line = next(
            (number for number, line in self.outside if start <= number < end and key and _sets(line, key)), start
        )
        return f"{self.name}, line {line}"

    def top(self, key: str) -> str:
        pattern = re.compile(rf"\s*\[{{1,2}}\s*[\"']?{re.escape(key)}\b")
        line = next((number for number, line in self.outside if pattern.match(line) or _sets(line, key)), None)
        return self.name if line is None else f"{self.name}, line {line}"


def _sets(line: str, key: str) -> bool:
    return re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line) is not None


def _outside_strings(text: str) -> list[tuple[int, str]]:
    """The numbered lines that don't begin inside a string of several lines."""
    kept, closing = [], ""
    for number, line in enumerate(text.split("\n"), 1):
        if not closing:
            kept.append((number, line))
        for mark in TRIPLE.findall(line):
            closing = "" if closing == mark else closing or mark
    return kept


def _text(path: str | Path, name: str) -> str:
    if str(path) != STANDARD_STREAM and not Path(path).is_file():
        raise FormatError(f"{path}: there is no such file. Name a targets file (.toml).")
    try:
        with opened(path) as stream:
            return decoded(stream.read(), name).replace("\r\n", "\n")
    except (OSError, *BROKEN) as problem:
        raise unreadable(name, problem) from None


def _slug(name: str) -> str:
    """Letters, marks and digits of any script, in lower case, with hyphens between the words."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    kept = "".join(one if unicodedata.category(one)[0] in "LMN" else "-" for one in folded)
    slug = re.sub("-+", "-", kept).strip("-")
    if len(slug) > LONGEST_ID:
        slug = slug[:LONGEST_ID].rsplit("-", 1)[0] + "-" + _digest(name)
    return slug or f"target-{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
