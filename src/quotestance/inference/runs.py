"""A stream of rows through a model into one file, so that a run killed at any moment can be finished to the same bytes.

The input is cut into shards of a fixed number of rows. Each shard is computed by itself and written whole or not at all
under `OUT.parts/`, beside a manifest of what the run is: digests of the input, model, options. When all are there, they
become `OUT`, `OUT.rejects.jsonl` (if any row was refused) and `OUT.run.json` (the manifest with its counts), and the
parts go. What a shard holds depends on its rows alone, so an interrupted run and an unbroken one write the same.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice, zip_longest
from pathlib import Path
from typing import Any

from quotestance.data.atomic import STANDARD_STREAM, put_in_place, whole_file, write_text
from quotestance.data.errors import FormatError, QuotestanceError
from quotestance.data.json_lines import json_line
from quotestance.data.lock import Taken, held
from quotestance.inference.parts import INPUTS, LOCK, MANIFEST, Parts
from quotestance.inference.progress import RunProgress, Summary, counted
from quotestance.inference.readers import Item, Reading
from quotestance.inference.rejects import Reject, commonest_reasons, rows_of
from quotestance.inference.software import versions

ARTICLES_A_SHARD = 64  # some 20 s of two cores: what a kill may cost
PAIRS_A_SHARD = 2048
FORMAT = "quotestance-run/2"
MOST_CHANGES = 10  # that are spelled out
# what a program raises on input that nobody thought of; a full memory, disk or GPU is no fault of a row
FAULTS_OF_ROWS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

Work = Callable[[Sequence[Item]], list[dict[str, Any]]]  # a shard's items -> one record each, in order, with its 'id'
Write = Callable[[Iterable[dict[str, Any]], Path], None]
Tally = Callable[[Mapping[str, Any]], Mapping[str, int]]


class RunError(QuotestanceError):
    """A run that can't go on as asked."""


class AllRefusedError(RunError):
    """No row could be used. `first` says why the first could not, without the place where the rejects lie."""

    def __init__(self, first: str, told: str) -> None:
        super().__init__(f"{first} {told}")
        self.first = first


@dataclass(frozen=True)
class Plan:
    """What a run is: its options (the model among them), how many rows make a shard, and what is told of its records."""

    options: Mapping[str, Any]
    rows_a_shard: int = ARTICLES_A_SHARD
    most: int | None = None  # records that the output can hold
    tally: Tally | None = None  # what is counted in the records, for the summary


def run(
    reading: Reading[Item],
    work: Work[Item],
    out: str | Path,
    *,
    write: Write,
    plan: Plan,
    resume: bool = False,
    strict: bool = False,
    progress: RunProgress | None = None,
    sample: int = 0,
) -> Summary:
    """Work through everything that is read and write `out` by `write`; with `resume`, go on where a run was stopped.

    Rows in are rows out and rejects; that is checked. `strict` stops at the first reject, also one of an earlier part of
    the run. `sample` first records are returned with the summary. Raises RunError where something lies at `out` that no
    run wrote, where another run holds this output, where an unfinished run lies there and `resume` is not given, and where
    `resume` meets another input, model or option than the run began with; AllRefusedError where no row can be used.
    """
    if str(out) == STANDARD_STREAM:
        raise RunError("A run needs a file that it can be resumed to. Name one with --out.")
    parts = Parts(out)
    try:
        if not (resume and parts.complete):  # which writes nothing
            _refuse_to_overwrite(parts, out)
        parts.folder.mkdir(parents=True, exist_ok=True)
        with held(parts.folder / LOCK):
            try:
                return _Run(reading, work, parts, write, plan, strict, progress or RunProgress("rows"), sample).go(
                    resume
                )
            finally:
                if not parts.begun:
                    shutil.rmtree(parts.folder, ignore_errors=True)
    except Taken as holder:
        raise RunError(f"{out}: {holder} is writing this output. Wait for it, or name another file.") from None
    except OSError as problem:
        place = problem.filename or out
        raise RunError(
            f"{place}: can't be written or read ({problem.strerror or problem}). What was computed is kept; "
            "put that right, and give the same command with --resume."
        ) from problem


def _refuse_to_overwrite(parts: Parts, out: str | Path) -> None:
    """Raises RunError where something lies at the output that would be lost, as no run wrote it, or somebody changed it since."""
    if parts.holds_other_things:
        raise RunError(f"{out}: is a folder that holds other things. Name one that is new or empty.")
    if parts.empty or parts.begun:
        return
    manifest = parts.manifest
    if not manifest.is_file():
        why = f"there is no {manifest.name} beside it"
    elif _digest_written(manifest) != parts.digests()["out"]:
        why = f"its digest is not the one in {manifest.name}"
    else:
        return
    raise RunError(
        f"{out}: is not what a run wrote ({why}), and would be overwritten. Name another with --out, or move it away."
    )


def _digest_written(manifest: Path) -> str | None:
    """The digest of the output that a manifest tells; None where it tells none."""
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["written"]["out"])
    except (ValueError, KeyError, TypeError):
        return None


def begun_with(out: str | Path) -> Mapping[str, Any] | None:
    """The options of the run that was begun, or is complete, at `out`; None where there is none."""
    parts = Parts(out)
    for manifest in (parts.folder / MANIFEST, parts.manifest):
        if manifest.is_file():
            options: Mapping[str, Any] = _manifest_of(manifest)["options"]
            return options
    return None


class Lines:
    """The JSON objects of files with one a line, as often as they are iterated."""

    def __init__(self, files: Callable[[], Iterator[Path]]) -> None:
        self.files = files

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for file in self.files():
            if file.is_file():
                with open(file, encoding="utf-8", newline="\n") as stream:
                    yield from map(json.loads, stream)


@dataclass
class _Run:
    reading: Reading[Any]
    work: Work[Any]
    parts: Parts
    write: Write
    plan: Plan
    strict: bool
    progress: RunProgress
    sample: int

    def go(self, resume: bool) -> Summary:
        if not resume and self.parts.begun and self.parts.shards():
            raise RunError(
                f"{self.parts.out}: an unfinished run lies in {self.parts.folder}. Go on with --resume, or delete that "
                "folder to begin anew."
            )
        if not (resume and self.parts.begun):
            self.parts.clear()
        with self.progress:
            manifest = self._manifest()
            if resume and self.parts.complete:
                return self._complete(manifest)
            self._refuse_too_many()
            self._begin(manifest)
            started = time.monotonic()
            computed = self._compute(self.parts.shards())
            return self._finish(manifest, computed, started)

    def _manifest(self) -> dict[str, Any]:
        """What this run is. Leaves the list of its inputs beside the parts as `inputs.txt.new`."""
        digest, files = hashlib.sha256(), 0
        self.progress.checking(0, 0)
        with whole_file(self.parts.folder / f"{INPUTS}.new") as listed:
            for line in self.reading.sources.digests():
                listed.write(f"{line}\n".encode())
                digest.update(f"{line}\n".encode())
                files += 1
                self.progress.checking(files, self.reading.sources.size)
        return {
            "format": FORMAT,
            "software": versions(),
            "options": dict(self.plan.options),
            "rows_a_shard": self.plan.rows_a_shard,
            "inputs": {"files": files, "bytes": self.reading.sources.size, "sha256": digest.hexdigest()},
        }

    def _refuse_too_many(self) -> None:
        """What the output can't hold is told before anything is computed, for that would be lost."""
        most = self.plan.most
        if most is not None and self.reading.more_than(most):
            raise FormatError(
                f"{self.parts.out}: a {self.parts.out.suffix} file holds at most {counted(most, 'articles')}, but there are "
                "more. Nothing was computed. Name a .jsonl file."
            )

    def _begin(self, manifest: Mapping[str, Any]) -> None:
        listed, new = self.parts.folder / INPUTS, self.parts.folder / f"{INPUTS}.new"
        if self.parts.begun:
            self._refuse_changes(_manifest_of(self.parts.folder / MANIFEST), manifest, listed, new)
        put_in_place(new, listed)
        _write_json(manifest, self.parts.folder / MANIFEST)

    def _complete(self, manifest: Mapping[str, Any]) -> Summary:
        earlier = _manifest_of(self.parts.manifest)
        self._refuse_changes(earlier, manifest)
        if self.parts.digests() != earlier["written"]:
            raise RunError(
                f"{self.parts.out}: is complete, but it or its rejects are no more what the run wrote. Put that back, or "
                f"move {self.parts.out.name} away to make it anew."
            )
        refused = Lines(lambda: iter([self.parts.rejects]))
        self._stop_at_earlier(refused)
        rows = earlier["rows"]
        counts = {"cut": earlier["cut"], "tally": earlier.get("tally", {}), "reasons": commonest_reasons(refused)}
        return Summary(rows["in"], rows["out"], rows["rejected"], 0, 0.0, **counts, already_complete=True)

    def _refuse_changes(self, earlier: Mapping[str, Any], now: Mapping[str, Any], *listed: Path) -> None:
        changes = list(_changes(earlier, now, *listed))
        if changes:
            more = [f"  … and {len(changes) - MOST_CHANGES} more"] if len(changes) > MOST_CHANGES else []
            told = "\n".join([*(f"  - {change}" for change in changes[:MOST_CHANGES]), *more])
            way_out = "leave --resume out" if self.parts.complete else f"delete {self.parts.folder}"
            raise RunError(
                f"{self.parts.out}: this is not the run that was begun:\n{told}\n"
                f"Put that back to resume it, or {way_out} to begin anew."
            )

    def _compute(self, done: int) -> int:
        """Compute the shards from number `done` on. Returns how many rows that were."""
        self._stop_at_earlier(self._lines(self.parts.rejects_of, done))
        items = self.reading.placed(skip=done * self.plan.rows_a_shard)
        rejects = sum(one["rows"] for one in self._lines(self.parts.rejects_of, done))
        computed = 0
        for number in count(done):
            shard = list(islice(items, self.plan.rows_a_shard))
            if number == done:
                self.progress.show(self.reading.count - sum(map(rows_of, shard)), rejects, 0.0)
            if not shard:
                break
            self._stop_at(shard)
            done_now = worked(self.work, shard)
            self._stop_at(done_now.items)
            refused = [item for item in done_now.items if isinstance(item, Reject)]
            rejects, computed = rejects + sum(map(rows_of, refused)), computed + sum(map(rows_of, shard))
            self._keep(number, done_now)
            self.progress.show(self.reading.count, rejects, self.reading.share)
        return computed

    def _stop_at(self, items: Sequence[Any]) -> None:
        if self.strict and (first := next((item for item in items if isinstance(item, Reject)), None)) is not None:
            raise first.error()

    def _stop_at_earlier(self, refused: Lines) -> None:
        """The same for rejects that an earlier part of the run wrote."""
        if self.strict:
            self._stop_at([Reject(**one) for one in islice(refused, 1)])

    def _keep(self, number: int, done: Worked) -> None:
        answers, refused = done.answers, [item for item in done.items if isinstance(item, Reject)]
        asked = [item for item in done.items if not isinstance(item, Reject)]
        if [answer["id"] for answer in answers] != [item.id for item in asked]:
            raise RunError(
                f"shard {number}: {len(asked)} rows went in and {len(answers)} others came out. This is a bug."
            )
        # what belongs to the shard comes before it: its being there says that all are
        if done.cut:
            _write_line({"cut": done.cut}, self.parts.counts_of(number))
        if refused:
            with whole_file(self.parts.rejects_of(number)) as stream:
                stream.writelines(json_line(one.record(), where=one.place) for one in refused)
        with whole_file(self.parts.shard(number)) as stream:
            stream.writelines(json_line(answer, where=f"row '{answer['id']}'") for answer in answers)

    def _finish(self, manifest: Mapping[str, Any], computed: int, started: float) -> Summary:
        shards, parts = self.parts.shards(), self.parts
        records, refused = self._lines(parts.shard, shards), self._lines(parts.rejects_of, shards)
        rows_out, tally = self._counted(records)
        rejects = sum(one["rows"] for one in refused)
        if self.reading.count != rows_out + rejects:
            raise RunError(
                f"{parts.out}: {self.reading.count:,} rows in are not {rows_out:,} out and {rejects:,} rejected. This is a bug."
            )
        if not self.reading.count:
            parts.clear()
            raise RunError("There is not a single row in what was to be read. Name a file that holds some.")
        if rejects and not rows_out:
            raise self._all_refused(refused, rejects)
        made, was = (parts.folder / f"{name}-{parts.out.name}" for name in ("out", "was"))
        for left in (made, was):  # folders of a run that was killed here
            shutil.rmtree(left, ignore_errors=True)
        self.write(records, made)
        if rejects:
            self._put_rejects(refused)
        else:
            parts.rejects.unlink(missing_ok=True)
        if parts.out.is_dir():  # an earlier run's: a folder can't be replaced in one move
            put_in_place(parts.out, was)
        put_in_place(made, parts.out)
        cut = sum(one["cut"] for one in self._lines(parts.counts_of, shards))
        rows = {"in": self.reading.count, "out": rows_out, "rejected": rejects}
        counts = {"cut": cut, "tally": tally}
        _write_json({**manifest, "rows": rows, **counts, "written": parts.digests()}, parts.manifest)
        first_records, reasons = tuple(islice(records, self.sample)), commonest_reasons(refused)
        with suppress(OSError):
            parts.clear()
        seconds = time.monotonic() - started
        return Summary(
            self.reading.count, rows_out, rejects, computed, seconds, **counts, reasons=reasons, sample=first_records
        )

    def _put_rejects(self, refused: Lines) -> None:
        with whole_file(self.parts.folder / "all-rejects") as stream:
            stream.writelines(json_line(one, where="rejects") for one in refused)
        put_in_place(self.parts.folder / "all-rejects", self.parts.rejects)

    def _all_refused(self, refused: Lines, rows: int) -> AllRefusedError:
        """Write the rejects alone. An older run's output stays, but its manifest goes: it must not pass for this run's."""
        parts = self.parts
        first, *others = (Reject(**one).error() for one in islice(refused, 2))
        why = f"All {rows:,} rows were refused. The first: {first}" if others else str(first)
        told = f"Nothing was written but {parts.rejects}."
        if parts.out.exists():
            told += f" {parts.out} is what an earlier run wrote; its {parts.manifest.name} was removed, as it is not this run's."
            told += " Move it away, or name another."
        parts.manifest.unlink(missing_ok=True)
        self._put_rejects(refused)
        parts.clear()
        return AllRefusedError(why, told)

    def _counted(self, records: Lines) -> tuple[int, dict[str, int]]:
        rows, tally = 0, Counter[str]()
        for record in records:
            rows += 1
            if self.plan.tally is not None:
                tally.update(self.plan.tally(record))
        return rows, dict(tally)

    def _lines(self, name: Callable[[int], Path], shards: int) -> Lines:
        return Lines(lambda: map(name, range(shards)))


@dataclass(frozen=True)
class Worked:
    """A shard that was worked on: its items, those that the work failed on as rejects, and the answers to the others.

    `cut` counts the questions that were longer than the model reads.
    """

    items: list[Any]
    answers: list[dict[str, Any]]
    cut: int


def worked(work: Work[Any], shard: list[Any]) -> Worked:
    """Do the work on a shard. Where it fails, each item is tried by itself, so that an odd one does not take the others along."""
    good = [one.item for one in shard if not isinstance(one, Reject)]
    before = getattr(work, "cut", 0)
    try:
        return Worked(shard, work(good) if good else [], getattr(work, "cut", 0) - before)
    except FAULTS_OF_ROWS as problem:
        if not _is_of_a_row(problem):
            raise
        before, failed = getattr(work, "cut", 0), problem
    items, answers = list[Any](), list[dict[str, Any]]()
    for one in shard:
        try:
            answers += [] if isinstance(one, Reject) else work([one.item])
            items.append(one)
        except FAULTS_OF_ROWS as problem:
            if not _is_of_a_row(problem):
                raise
            told = f"the model failed on it ({type(problem).__name__}: {str(problem)[:200]})."
            reason = str(problem) if isinstance(problem, FormatError) else told
            items.append(Reject(one.file, one.line, reason, one.row, one.id))
    if not answers and len(good) > 1:
        raise failed  # it is not the rows
    return Worked(items, answers, getattr(work, "cut", 0) - before)


def _is_of_a_row(problem: Exception) -> bool:
    """Of our own errors, only one of form: others, as of a model, are of the whole run."""
    return isinstance(problem, FormatError) or not isinstance(problem, QuotestanceError)


def _changes(earlier: Mapping[str, Any], now: Mapping[str, Any], *listed: Path) -> Iterator[str]:
    """What differs between two manifests, in words; `listed` are the two lists of inputs, where both are at hand."""
    for part in ("options", "software"):
        for name in sorted({*earlier[part], *now[part]}):
            before, after = earlier[part].get(name), now[part].get(name)
            if before != after:
                yield f"{name.replace('_', ' ')}: was {_shown(before)}, is {_shown(after)}"
    if earlier["rows_a_shard"] != now["rows_a_shard"]:
        yield f"rows a shard: was {earlier['rows_a_shard']}, is {now['rows_a_shard']}"
    if earlier["inputs"] != now["inputs"]:
        if len(listed) == 2 and all(file.is_file() for file in listed):
            yield from islice(_changed_files(*listed), MOST_CHANGES)
        else:
            yield "input: the files are not the same"


def _changed_files(before: Path, after: Path) -> Iterator[str]:
    with open(before, encoding="utf-8") as one, open(after, encoding="utf-8") as other:
        for old, new in zip_longest(one, other, fillvalue=""):
            if old == new:
                continue
            (digest_before, _, was), (digest_after, _, is_now) = (
                old.strip().partition("  "),
                new.strip().partition("  "),
            )
            if was == is_now:
                yield f"input {is_now}: its content changed"
            elif digest_before == digest_after:
                yield f"input {was}: is called {is_now} now"
            else:
                yield f"input: {was or 'nothing more'} was read at this place, {is_now or 'nothing more'} is now"


def _shown(value: Any) -> str:
    return (
        "not given" if value is None else json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    )


def _manifest_of(path: Path) -> dict[str, Any]:
    try:
        manifest = dict(json.loads(path.read_text(encoding="utf-8")))
        written = str(manifest["format"])
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{path}: is not the manifest of a run. Delete it to begin anew.") from None
    if written != FORMAT:
        raise RunError(
            f"{path}: this run was begun by another version of quotestance ({written}; this one writes {FORMAT}). "
            "Delete it to begin anew."
        )
    return manifest


def _write_line(value: Any, path: Path) -> None:
    with whole_file(path) as stream:
        stream.write(json_line(value, where=str(path)))


def _write_json(value: Any, path: Path) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
