"""Files into a report of everything that is wrong with them; and, on request, moved spans back onto their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from quotestance.data.atomic import STANDARD_STREAM, whole_file
from quotestance.data.errors import FormatError
from quotestance.data.files import article_files, is_one_article
from quotestance.data.json_lines import Entry, json_line, opened, read_json
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.material import holds_articles
from quotestance.data.pair_tables import read_pairs
from quotestance.data.pairs import Pair
from quotestance.data.problems import Problem, article_name, find_problems
from quotestance.data.repair import repair_spans
from quotestance.data.targets import read_targets

# (line, path in the record) of a span -> why it was not repaired
Reasons = dict[tuple[int | None, tuple[str | int, ...]], str]


@dataclass(frozen=True)
class Finding:
    """One problem and its place. `said` and `held` are a span's text and what stands at its place."""

    file: str
    message: str
    line: int | None = None
    article: str | None = None
    quote: str | None = None
    said: str | None = None
    held: str | None = None
    remedy: str = ""

    def __str__(self) -> str:
        if self.article is None and self.message.startswith(self.file):
            return self.message  # an error that names its own place
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        if self.article is not None:
            where += f", article '{self.article}'"
        return (
            f"{where}, {self.message} {self.remedy}".strip()
            if self.quote
            else f"{where}: {self.message} {self.remedy}".strip()
        )


@dataclass(frozen=True)
class ValidationReport:
    """What was read, is wrong, and was repaired. `records` counts articles, table rows and targets, good and bad.

    `notes` say what is not wrong but may not be meant: a pair table without a label or a group.
    """

    files: int
    records: int
    findings: tuple[Finding, ...]
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def summary(self) -> str:
        """One sentence: '3 files, 840 records: nothing wrong.'"""
        counted = f"{_counted(self.files, 'file')}, {_counted(self.records, 'record')}"
        moved = f" {_counted(len(self.repairs), 'span')} repaired." if self.repairs else ""
        return f"{counted}: {_counted(len(self.findings), 'problem') if self.findings else 'nothing wrong'}.{moved}"


def validate(
    paths: Sequence[str | Path],
    repair: bool = False,
    *,
    labels: LabelSet | None = CODEBOOK,
    columns: Mapping[str, str] | None = None,
) -> ValidationReport:
    """Check article files and folders, pair tables (.csv, .tsv, .parquet, .jsonl) and targets files (.toml).

    With `repair`, spans of article files that no longer hold their words are put where those words stand, by exact
    text and nearest offset; the file is then replaced as a whole, and every other byte of it is kept. Words that are
    absent or equally near twice stay as they are and are told. `labels` is the label set of pair tables (None: any), `columns` its names
    for our columns (`read_pairs`); articles declare their own. Nothing is raised for what is wrong with a file.
    """
    findings: list[Finding] = []
    repairs: list[str] = []
    notes: list[str] = []
    files, records = 0, 0
    for path in paths:
        try:
            articles = _holds_articles(path)
            members = article_files(path) if articles else [path]
        except FormatError as problem:
            findings.append(Finding(str(path), str(problem)))
            files += 1
            continue
        seen: dict[str, str] = {}
        for file in members:
            reasons: Reasons = {}
            if articles and repair:
                done, reasons = _repair(file)
                repairs.extend(done)
            if articles:
                count, found = _check_articles(file, seen, reasons)
            elif _is_targets_file(file):
                count, found = _checked(file, partial(read_targets, file))
            else:
                count, found = _checked(file, partial(_table, file, labels, columns, notes))
            files, records = files + 1, records + count
            findings.extend(found)
    return ValidationReport(files, records, tuple(findings), tuple(repairs), tuple(notes))


def _check_articles(file: str | Path, seen: dict[str, str], reasons: Reasons) -> tuple[int, list[Finding]]:
    """The number of records and what is wrong with them; `seen` knows the ids of the files before."""
    findings: list[Finding] = []
    unread: list[FormatError] = []
    count = 0
    for entry in read_json(file, whole=is_one_article(file), refuse=unread.append):
        count += 1
        name = article_name(entry.value)
        for problem in find_problems(entry.value):
            findings.append(_finding(entry, name, problem, reasons.get((entry.line, problem.path))))
        if name is not None and name in seen:
            findings.append(
                Finding(
                    entry.path,
                    f"this id stands already at {seen[name]}.",
                    entry.line,
                    name,
                    remedy="Give each article its own id.",
                )
            )
        elif name is not None:
            seen[name] = entry.place
    return count + len(unread), [*(Finding(str(file), str(problem)) for problem in unread), *findings]


def _finding(entry: Entry, name: str | None, problem: Problem, reason: str | None) -> Finding:
    remedy = f"Not repaired: {reason}" if reason else problem.remedy
    return Finding(entry.path, problem.message, entry.line, name, problem.quote, problem.said, problem.held, remedy)


def _table(
    file: str | Path, labels: LabelSet | None, columns: Mapping[str, str] | None, notes: list[str]
) -> list[Pair]:
    """The pairs of a table, and notes on what not one of them has."""
    pairs = read_pairs(file, columns, labels=labels)
    if pairs and not any(pair.label for pair in pairs):
        notes.append(
            f"{file}: no row has a label: all are questions. If a column of another name has them: --label COLUMN."
        )
    if pairs and not any(pair.group for pair in pairs):
        notes.append(
            f"{file}: no row has a group: each counts as an article of its own, so that a split may part the rows of one. "
            "If a column has the article: --group COLUMN."
        )
    return pairs


def _checked(file: str | Path, read: Callable[[], Sized]) -> tuple[int, list[Finding]]:
    """How much a reader finds, or what it tells: every problem in one error."""
    try:
        return len(read()), []
    except FormatError as problem:
        told = str(problem).splitlines()
        problems = [line.removeprefix("  - ") for line in told[1:] if line.startswith("  - ")] or [str(problem)]
        return 0, [Finding(str(file), one) for one in problems]


def _repair(file: str | Path) -> tuple[list[str], Reasons]:
    """Repair one article file in place; what was done, and why other spans were left."""
    done: list[str] = []
    reasons: Reasons = {}
    if str(file) == STANDARD_STREAM:
        return done, reasons
    lines: dict[int | None, bytes] = {}
    for entry in read_json(file, whole=is_one_article(file), refuse=lambda problem: None):
        if not isinstance(entry.value, dict):
            continue
        made, repairs, left = repair_spans(entry.value)
        reasons.update({(entry.line, one.path): one.reason for one in left})
        if repairs:
            lines[entry.line] = json_line(made, where=entry.place, indent=_indent(entry))
            name = article_name(entry.value)
            done.extend(f"{entry.place}, article '{name}', {repair}" for repair in repairs)
    if lines:
        with opened(file) as stream, whole_file(file) as out:
            if None in lines:
                out.write(lines[None])
            else:
                out.writelines(lines.get(number, raw) for number, raw in enumerate(stream, 1))
    return done, reasons


def _indent(entry: Entry) -> int | None:
    """How far the file's own JSON is indented; None where it stands on one line."""
    rows = entry.raw.strip().split(b"\n")
    return len(rows[1]) - len(rows[1].lstrip(b" ")) if entry.line is None and len(rows) > 1 else None


def _holds_articles(path: str | Path) -> bool:
    return not _is_targets_file(path) and holds_articles(path)


def _is_targets_file(path: str | Path) -> bool:
    return Path(path).suffix.lower() == ".toml"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
