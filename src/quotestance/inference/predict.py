"""Questions into stances for streams, data sets and runs: pairs, batches of a `datasets.Dataset`, records, table rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from quotestance.data.files import article_record
from quotestance.data.labels import UNCLEAR, LabelSet
from quotestance.data.pair_tables import pairs_from_rows
from quotestance.data.pairs import Pair
from quotestance.data.records import Article, Stance
from quotestance.inference.readers import PairRow
from quotestance.models.pipeline import answer_questions
from quotestance.models.protocol import StanceModel, predicted_pairs

PAIRS_AT_ONCE = 1024  # enough for batches of like length, few enough to stream
PROBABILITY = "p_"

Batch = Mapping[str, Sequence[Any]]  # column -> its cells, as datasets and Ray hand it over


def predict_stream(pairs: Iterable[Pair], model: StanceModel, *, at_once: int = PAIRS_AT_ONCE) -> Iterator[Pair]:
    """The pairs in their order, each with the model's label, probabilities and signature in place of its own.

    `at_once` pairs are held and computed together; the stream may be endless.
    """
    waiting = iter(pairs)
    while chunk := list(islice(waiting, at_once)):
        yield from predicted_pairs(chunk, model)


def map_batch(model: StanceModel, columns: Mapping[str, str] | None = None) -> Callable[[Batch], dict[str, list[Any]]]:
    """A function for `dataset.map(map_batch(model), batched=True)`: columns in, the columns of the prediction out.

    Added are `label` (`predicted` where there is a label), one `p_<label>` a label, and `model`. `columns` says under
    which names the data set keeps ours: `{"text": "post", "target": "topic"}`. Raises FormatError.
    """
    return _MapBatch(model, dict(columns or {}))


def answered_records(model: StanceModel) -> Callable[[Sequence[Article]], list[dict[str, Any]]]:
    """The work of a run on records: articles in, the same with every question answered, as JSON objects, out."""
    return lambda articles: [article_record(article) for article in answer_questions(articles, model)]


def answered_rows(model: StanceModel) -> Callable[[Sequence[PairRow]], list[dict[str, Any]]]:
    """The work of a run on a pair table: rows in, the same with the columns of the prediction out."""

    def work(rows: Sequence[PairRow]) -> list[dict[str, Any]]:
        stances = model.predict_pairs([row.pair.with_label(None) for row in rows])
        return [
            {**row.cells, **_answer(stance, model, "label" in row.cells)}
            for row, stance in zip(rows, stances, strict=True)
        ]

    return work


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
        rows = [
            (f"row {number}", dict(zip(batch, cells, strict=True)))
            for number, cells in enumerate(zip(*batch.values(), strict=True), 1)
        ]
        pairs = pairs_from_rows(rows, self.columns, None, "the batch")
        answers = [
            _answer(stance, self.model, "label" in batch)
            for stance in self.model.predict_pairs([pair.with_label(None) for pair in pairs])
        ]
        return {column: [answer[column] for answer in answers] for column in answers[0]} if answers else {}


def _answer(stance: Stance, model: StanceModel, has_label: bool) -> dict[str, Any]:
    probabilities = stance.probabilities or {}
    return {
        "predicted" if has_label else "label": stance.label,
        **{PROBABILITY + label: probabilities.get(label) for label in model.labels},
        "model": f"{model.name}@{model.revision}",
    }
