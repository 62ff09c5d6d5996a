"""Questions into stances for streams, data sets and runs: pairs, batches of a `datasets.Dataset`, records, table rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Generic

from quotestance.data.columns import names_beside
from quotestance.data.errors import FormatError
from quotestance.data.files import article_record
from quotestance.data.labels import UNCLEAR, LabelSet
from quotestance.data.pair_tables import PROBABILITY, pairs_from_rows
from quotestance.data.pairs import Pair
from quotestance.data.records import Article, Stance
from quotestance.inference.readers import Item, PairRow, without_answers
from quotestance.inference.table_rows import plain
from quotestance.models.pipeline import answer_questions
from quotestance.models.protocol import StanceModel, predicted_pairs, signature

PAIRS_AT_ONCE = 1024  # enough for batches of like length, few enough to stream

Batch = Mapping[str, Sequence[Any]]  # column -> its cells, as datasets and Ray hand it over


def predict_stream(
    pairs: Iterable[Pair | Mapping[str, Any]], model: StanceModel, *, at_once: int = PAIRS_AT_ONCE
) -> Iterator[Pair]:
    """The pairs in their order, each with the model's label, probabilities and signature in place of its own.

    A dict is a row of a pair table (`text`, `target`, …), called `row-1`, `row-2`, … by its place where it has no id.
    `at_once` pairs are held and computed together; the stream may be endless. Raises FormatError for what is no pair.
    """
    waiting = (_pair(one, number) for number, one in enumerate(pairs, 1))
    while chunk := list(islice(waiting, at_once)):
        yield from predicted_pairs(chunk, model)


def _pair(one: Pair | Mapping[str, Any], number: int) -> Pair:
    if isinstance(one, Pair):
        return one
    if not isinstance(one, Mapping):
        raise FormatError(
            f"row {number} should be a Pair, or a dict with text and target, but is {one!r:.60}. A DataFrame goes to "
            "model.predict_frame(frame), a file to read_material, articles to analyst.analyze_many."
        )
    cells = without_answers({str(name): plain(cell) for name, cell in one.items()}, {})
    (pair,) = pairs_from_rows([(f"row {number}", cells)], None, None, "the stream")
    return replace(pair, id=f"row-{number}") if cells.get("id") in (None, "") else pair


def map_batch(model: StanceModel, columns: Mapping[str, str] | None = None) -> Callable[[Batch], dict[str, list[Any]]]:
    """A function for `dataset.map(map_batch(model), batched=True)`: columns in, the columns of the prediction out.

    Added are `label` (`predicted` where there is a label), one `p_<label>` a label, and `model`; a column that has one of
    these names is kept as `original_<name>`. `columns` says under which names the data set keeps ours:
    `{"text": "post", "target": "topic"}`. Raises FormatError, also where `batched=True` was forgotten.
    """
    return _MapBatch(model, dict(columns or {}))


@dataclass(frozen=True)
class Answering(Generic[Item]):
    """The work of a run: items in, their records with the answers of `model` out. `cut` counts the questions it had to cut."""

    model: StanceModel
    answer: Callable[[Sequence[Item], StanceModel], list[dict[str, Any]]]

    def __call__(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        return self.answer(items, self.model)

    @property
    def cut(self) -> int:
        return int(getattr(self.model, "cut", 0))


def answered_records(model: StanceModel) -> Answering[Article]:
    """The work of a run on records: articles in, the same with every question answered, as JSON objects, out."""
    return Answering(model, lambda articles, model: list(map(article_record, answer_questions(articles, model))))


def answers_tally(model: StanceModel) -> Callable[[Mapping[str, Any]], Mapping[str, int]]:
    """What the summary of a run on records tells: how many questions `answered` stands with the model's signature."""
    signed = signature(model)

    def tally(record: Mapping[str, Any]) -> Mapping[str, int]:
        stances = (stance for quote in record.get("quotes") or () for stance in quote.get("stances") or ())
        return {"answered": sum(stance.get("annotator") == signed for stance in stances)}

    return tally


def answered_rows(model: StanceModel) -> Answering[PairRow]:
    """The work of a run on a pair table: rows in, the same with the columns of the prediction out.

    The answer stands in `predicted`; whether it is called `label` in the end, only the whole table tells (`write_pair_records`).
    A column of the table's own that has the name of one of ours is kept as `original_<name>`.
    """
    return Answering(model, _answered_rows)


def _answered_rows(rows: Sequence[PairRow], model: StanceModel) -> list[dict[str, Any]]:
    stances = model.predict_pairs([row.pair.with_label(None) for row in rows])
    answers = [_answer(stance, model, has_label=True) for stance in stances]
    return [{**_beside(row.cells, answer), **answer} for row, answer in zip(rows, answers, strict=True)]


def _beside(cells: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    return {kept: cells[name] for name, kept in names_beside(cells, ours).items()}


@dataclass(frozen=True)
class Abstaining:
    """A stance model that says 'unclear' where the probability of its label is below `below`."""

    model: StanceModel
    below: float

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def revision(self) -> str:
        return self.model.revision

    @property
    def labels(self) -> LabelSet:
        return self.model.labels

    @property
    def cut(self) -> int:
        return int(getattr(self.model, "cut", 0))

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        stances = self.model.predict_pairs(pairs)
        return [
            stance.replace(label=UNCLEAR) if (stance.probability or 0.0) < self.below else stance for stance in stances
        ]


@dataclass(frozen=True)
class _MapBatch:
    model: StanceModel
    columns: Mapping[str, str]

    def __call__(self, batch: Batch) -> dict[str, list[Any]]:
        _check_batch(batch)
        asked = without_answers(batch, self.columns)
        rows = [
            (f"row {number}", dict(zip(asked, cells, strict=True)))
            for number, cells in enumerate(zip(*asked.values(), strict=True), 1)
        ]
        pairs = pairs_from_rows(rows, self.columns, None, "the batch")
        answers = [
            _answer(stance, self.model, "label" in batch)
            for stance in self.model.predict_pairs([pair.with_label(None) for pair in pairs])
        ]
        if not answers:
            return {}
        moved = {name: list(cells) for name, cells in _beside(batch, answers[0]).items() if name not in batch}
        return moved | {column: [answer[column] for answer in answers] for column in answers[0]}


def _check_batch(batch: Batch) -> None:
    for name, cells in batch.items():
        if isinstance(cells, str | bytes) or not hasattr(cells, "__len__"):
            raise FormatError(
                f"the batch, column '{name}': is a single cell, not a list of them ({cells!r:.40}). Say batched=True: "
                "dataset.map(map_batch(model), batched=True)."
            )


def _answer(stance: Stance, model: StanceModel, has_label: bool) -> dict[str, Any]:
    probabilities = stance.probabilities or {}
    return {
        "predicted" if has_label else "label": stance.label,
        **{PROBABILITY + label: probabilities.get(label) for label in model.labels},
        "model": f"{model.name}@{model.revision}",
    }
