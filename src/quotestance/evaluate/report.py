"""Gold and predictions into a report: every score with its interval, breakdowns, curves, leaks, mistakes and where it all came from.

A report is its JSON (`report.json`, described by `evaluate/report.schema.json`); the questions one asks of it are properties.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.data.atomic import whole_file
from quotestance.data.digests import file_digest
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import json_line
from quotestance.data.labels import CODEBOOK, UNCLEAR, LabelSet
from quotestance.data.pairs import MODEL, Pair
from quotestance.data.records import Article
from quotestance.data.splits import material_digest
from quotestance.evaluate import calibration, scores
from quotestance.evaluate.align import Aligned, EvaluationError, Material, Missing, align, pairs_of
from quotestance.evaluate.breakdowns import Breakdown, breakdowns
from quotestance.evaluate.intervals import (
    FEW_GROUPS,
    LEVEL,
    Interval,
    group_counts,
    interval,
    no_interval,
    resampled,
    resampled_means,
)
from quotestance.evaluate.leaks import Leaks, find_leaks
from quotestance.evaluate.report_text import report_markdown

FORMAT = "quotestance-report/1"
CONTEXT = 300  # characters on each side of a quote in `mistakes`
MOST_MISTAKES = 500  # listed, the most confident first; all are counted, and predictions.jsonl has every row
FEW_EXAMPLES = 20  # a label with fewer says so
Measure = Callable[[NDArray[Any]], NDArray[np.float64]]
WHOLE: dict[str, Measure] = {
    "accuracy": scores.accuracy,
    "macro_f1": scores.macro_f1,
    "micro_f1": scores.micro_f1,
    "balanced_accuracy": scores.balanced_accuracy,
    "matthews": scores.matthews,
}
PREDICTIONS = "predictions.jsonl"
DIGEST = "predictions_sha256"  # key of report.json; null where the report has no predictions

Training = Iterable[Pair | Article | Mapping[str, Any]] | Mapping[str, Any] | pd.DataFrame
Page = Callable[["Report"], str]


@dataclass(frozen=True, eq=False)
class Report:
    """One evaluation. `content` is the JSON; `predictions` has one row a scored pair (id, group, target, text, gold, predicted,
    probabilities), None where a report was read without its predictions.jsonl.
    """

    content: Mapping[str, Any]
    predictions: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        return str(self.content["title"])

    @property
    def n(self) -> int:
        return int(self.content["n"])

    @property
    def labels(self) -> LabelSet:
        return LabelSet(tuple(self.content["labels"]))

    @property
    def accuracy(self) -> float | None:
        return self.value("accuracy")

    @property
    def macro_f1(self) -> float | None:
        return self.value("macro_f1")

    def value(self, score: str) -> float | None:
        """A score of the whole by its key in report.json. None where it is undefined or was not measured."""
        found = self.content[score]
        return None if found is None else found["value"]

    @property
    def scores(self) -> pd.DataFrame:
        """One row a score of the whole: value, low, high."""
        measured = {
            name: self.content[name]
            for name in (*WHOLE, "semeval_favg", *PROBABILITY_SCORES)
            if self.content[name] is not None
        }
        return pd.DataFrame([_flat(one) for one in measured.values()], index=pd.Index(list(measured), name="score"))

    @property
    def per_label(self) -> pd.DataFrame:
        """One row a label: n, predicted, and each score with its low and high end."""
        rows = []
        for found in self.content["per_label"].values():
            row: dict[str, Any] = {"n": found["n"], "predicted": found["predicted"]}
            for name in scores.PER_LABEL:
                flat = _flat(found[name])
                row |= {name: flat["value"], f"{name}_low": flat["low"], f"{name}_high": flat["high"]}
            rows.append(row)
        return pd.DataFrame(rows, index=pd.Index(list(self.content["per_label"]), name="label"))

    @property
    def confusion(self) -> pd.DataFrame:
        """Gold labels as rows, predicted ones as columns."""
        held = self.content["confusion"]
        return pd.DataFrame(
            held["counts"],
            index=pd.Index(held["gold"], name="gold"),
            columns=pd.Index(held["predicted"], name="predicted"),
        )

    @property
    def breakdown_names(self) -> list[str]:
        return list(self.content["breakdowns"])

    def breakdown(self, by: str) -> pd.DataFrame:
        """Scores by 'target', 'group', 'speaker', …: one row a cell, the largest first. Raises EvaluationError for other names."""
        if by not in self.content["breakdowns"]:
            raise EvaluationError(
                f"There is no breakdown by '{by}' in this report. There is: {', '.join(self.breakdown_names)}."
            )
        rows = []
        for cell in self.content["breakdowns"][by]["cells"]:
            row = {name: cell[name] for name in ("n", "groups", "small")}
            for name in ("accuracy", "macro_f1"):
                flat = _flat(cell[name])
                row |= {name: flat["value"], f"{name}_low": flat["low"], f"{name}_high": flat["high"]}
            rows.append(row)
        cells = [cell["cell"] for cell in self.content["breakdowns"][by]["cells"]]
        return pd.DataFrame(rows, index=pd.Index(cells, name=by))

    @property
    def mistakes(self) -> pd.DataFrame:
        """The wrong predictions that the report lists, the most confident first: context, quote (offsets in it), gold, predicted, …"""
        return pd.DataFrame(self.content["mistakes"], columns=list(MISTAKE), dtype=object)

    @property
    def leaks(self) -> Mapping[str, Any] | None:
        """What stands in training too; None where no training material was given."""
        found: Mapping[str, Any] | None = self.content["leaks"]
        return found

    def to_json(self) -> dict[str, Any]:
        """What report.json holds, but for the digest of the predictions written beside it."""
        return dict(self.content)

    def to_markdown(self, *, brief: bool = False) -> str:
        """The report as Markdown; `brief`: headline and labels only."""
        return report_markdown(self.content, brief=brief)

    def write(self, folder: str | Path, *, page: Page | None = None) -> Path:
        """Write predictions.jsonl, report.json, report.md and, where `page` turns a report into HTML, report.html. Returns the folder.

        report.json holds the digest of predictions.jsonl, so that a report is never read with predictions of another one.
        """
        place = Path(folder)
        digest = None if self.predictions is None else _write_predictions(self.predictions, place / PREDICTIONS)
        _write(place / "report.json", json_line(self.to_json() | {DIGEST: digest}, where="report.json", indent=1))
        _write(place / "report.md", self.to_markdown().encode("utf-8", "replace"))
        if page is not None:
            _write(place / "report.html", page(self).encode("utf-8", "replace"))
        return place


def evaluate(
    gold: Material,
    predicted: Material,
    *,
    labels: LabelSet = CODEBOOK,
    seed: int = 13,
    rounds: int = 1000,
    training: Training | None = None,
    notes: Sequence[str] = (),
    missing: Missing = "error",
    columns: Mapping[str, str] | None = None,
    title: str | None = None,
    refuse_leaks: bool = False,
    learning_curve: pd.DataFrame | None = None,
) -> Report:
    """Score predictions against gold, matched by id, with 95 % intervals by bootstrap over groups (articles or topics).

    Each is pairs, articles, or a frame with the columns of a pair table, such as `predict_frame` gives back; `columns` are the frames' names for
    them (`align`).
    `training`: the pairs or articles that the model learned from, as a frame too, their `fingerprint`, or a list of both; gold is checked against them and the report
    marks what stands in both (`refuse_leaks` raises instead). `notes` are printed with the scores, such as who made the labels.
    `missing`: what a gold pair without prediction means, see `align`. `learning_curve`: a frame to be kept in the report.
    Raises LabelError and EvaluationError with the pair and the remedy, FormatError with the row of a frame.
    """
    aligned = align(gold, predicted, labels=labels, missing=missing, columns=columns)
    leaks = _leaks(aligned, training)
    if leaks and refuse_leaks:
        assert leaks is not None
        examples = "; ".join(
            f"{leak.kind}: {leak.heldout}" + (f" = {leak.training}" if leak.training else "")
            for leak in leaks.found[:3]
        )
        raise EvaluationError(
            f"{leaks.message} {examples}. Take them out of training (and train again) or out of gold."
        )
    seen = leaks.training_targets if leaks is not None else None
    content: dict[str, Any] = {
        "format": FORMAT,
        "title": title or _title(aligned),
        "n": aligned.n,
        "groups": len(aligned.group_names),
        "labels": list(labels),
        **_whole_scores(aligned, seed, rounds),
        **_probability_scores(aligned, seed, rounds),
        "breakdowns": {
            name: _breakdown_json(one)
            for name, one in breakdowns(aligned, seen_targets=seen, seed=seed, rounds=rounds).items()
        },
        "learning_curve": None if learning_curve is None else json.loads(learning_curve.to_json(orient="records")),
        **_mistakes(aligned),
        "leaks": None if leaks is None else leaks.to_json(),
        "alignment": {**aligned.left_out, "messages": list(aligned.messages)},
        "intervals": {
            "level": LEVEL,
            "method": "percentile bootstrap over whole groups (article or topic)",
            "rounds": rounds,
            "seed": seed,
            "groups": len(aligned.group_names),
            "reason": no_interval(len(aligned.group_names), rounds),
        },
    }
    content["warnings"] = [*aligned.warnings, *_warnings(content, leaks)]
    content["provenance"] = _provenance(aligned, seed, rounds, notes)
    return Report(content, _predictions(aligned))


def read_report(path: str | Path) -> Report:
    """A report from its folder or its report.json, with its predictions where they lie beside it.

    Raises FormatError where it is none, or the predictions beside it are those of another report.
    """
    place = Path(path)
    file = place / "report.json" if place.is_dir() else place
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise FormatError(
            f"{file}: can't be read ({problem.strerror}). Name a folder that 'quotestance evaluate --out' wrote."
        ) from None
    except ValueError as problem:
        raise FormatError(f"{file}: is not JSON ({problem}). Run 'quotestance evaluate' again.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FormatError(f"{file}: is not a report of this version ({FORMAT}). Run 'quotestance evaluate' again.")
    beside = file.parent / PREDICTIONS
    checked, digest = DIGEST in content, content.pop(DIGEST, None)  # earlier versions wrote none
    if checked and digest is None:  # written without predictions: what lies there is not its own
        return Report(content)
    if checked and beside.exists() and file_digest(beside) != digest:
        raise FormatError(
            f"{beside}: is not of the same evaluation as {file}: one of them was written again without the other. Run "
            "'quotestance evaluate --out' again."
        )
    return Report(content, _read_predictions(beside))


PROBABILITY_SCORES = ("log_loss", "brier", "expected_calibration_error")
MISTAKE = (
    "id",
    "group",
    "target",
    "target_kind",
    "speaker",
    "quote_kind",
    "corpus",
    "context",
    "quote",
    "gold",
    "predicted",
    "probabilities",
    "confidence",
)


def _whole_scores(aligned: Aligned, seed: int, rounds: int) -> dict[str, Any]:
    """The scores that come from counts, whole and by label, with intervals from one set of bootstrap samples."""
    labels = aligned.labels
    found = scores.scores_of(aligned)
    by_group = group_counts(aligned.gold_codes, aligned.predicted_codes, aligned.groups, len(labels))
    functions: dict[str, Measure] = {**WHOLE, "semeval_favg": partial(scores.semeval_favg, labels=labels)}
    samples = None if no_interval(len(by_group), rounds) else resampled(by_group, seed=seed, rounds=rounds)
    whole = {
        name: _score(scores.number(function(found.counts)), None if samples is None else interval(function(samples)))
        for name, function in functions.items()
    }
    per_label: dict[str, dict[str, Any]] = {
        label: {"n": found[label].n, "predicted": found[label].predicted} for label in labels
    }
    for name, function in scores.PER_LABEL.items():
        values, sampled = function(found.counts), None if samples is None else function(samples)
        for at, label in enumerate(labels):
            per_label[label][name] = _score(
                scores.number(values[at]), None if sampled is None else interval(sampled[:, at])
            )
    columns = len(labels) + bool(found.counts[:, -1].any())
    return {
        **whole,
        "majority_baseline": dict(found.majority.__dict__),
        "per_label": per_label,
        "confusion": {
            "gold": list(labels),
            "predicted": [*labels, UNCLEAR][:columns],
            "counts": found.counts[:, :columns].tolist(),
        },
    }


def _probability_scores(aligned: Aligned, seed: int, rounds: int) -> dict[str, Any]:
    if aligned.probabilities is None:
        return dict.fromkeys((*PROBABILITY_SCORES, "calibration", "coverage", "abstaining"))
    rows = ~np.isnan(aligned.probabilities).any(1)
    probabilities, gold, groups = aligned.probabilities[rows], aligned.gold_codes[rows], aligned.groups[rows]
    each = np.stack(
        [calibration.log_losses(probabilities, gold), calibration.brier_scores(probabilities, gold)], axis=1
    )
    means = each.mean(0)
    samples = (
        None if no_interval(len(np.unique(groups)), rounds) else resampled_means(each, groups, seed=seed, rounds=rounds)
    )
    low_high = [None if samples is None else interval(samples[:, at]) for at in range(2)]
    return {
        "log_loss": _score(float(means[0]), low_high[0]),
        "brier": _score(float(means[1]), low_high[1]),
        "expected_calibration_error": _score(calibration.expected_calibration_error(probabilities, gold), None),
        "calibration": {"bins": calibration.reliability(probabilities, gold)},
        "coverage": calibration.coverage_accuracy(probabilities, gold),
        "abstaining": calibration.abstaining(probabilities, gold),
    }


def _breakdown_json(found: Breakdown) -> dict[str, Any]:
    cells = [
        {
            "cell": cell.cell,
            "n": cell.n,
            "groups": cell.groups,
            "small": cell.small,
            "accuracy": _score(cell.accuracy, cell.intervals["accuracy"]),
            "macro_f1": _score(cell.macro_f1, cell.intervals["macro_f1"]),
            "gold": cell.gold,
        }
        for cell in found.cells
    ]
    return {
        "title": found.title,
        "cells": cells,
        "total_cells": len(cells) + found.left_off,
        "left_off": found.left_off,
        "macro_over_cells": found.macro_over_cells,
        "micro_over_rows": found.micro_over_rows,
    }


def _mistakes(aligned: Aligned) -> dict[str, Any]:
    wrong = np.flatnonzero(aligned.gold_codes != aligned.predicted_codes)
    confidence = np.full(aligned.n, np.nan) if aligned.probabilities is None else aligned.probabilities.max(1)
    order = wrong[np.argsort(-np.nan_to_num(confidence[wrong], nan=-1), kind="stable")]
    return {
        "mistakes": [_mistake(aligned, int(at), confidence[at]) for at in order[:MOST_MISTAKES]],
        "mistakes_total": len(wrong),
    }


def _mistake(aligned: Aligned, at: int, confidence: float) -> dict[str, Any]:
    pair = aligned.gold[at]
    start, end = (min(s for s, _ in pair.quote), max(e for _, e in pair.quote)) if pair.quote else (0, len(pair.text))
    left, right = max(0, start - CONTEXT), min(len(pair.text), end + CONTEXT)
    names = (*aligned.labels.names, UNCLEAR)
    return {
        "id": pair.id,
        "group": pair.group,
        "target": pair.target,
        "target_kind": pair.target_kind,
        "speaker": pair.speaker,
        "quote_kind": pair.quote_kind,
        "corpus": pair.corpus,
        "context": pair.text[left:right],
        "quote": [[s - left, e - left] for s, e in pair.quote] or [[0, len(pair.text)]],
        "gold": names[aligned.gold_codes[at]],
        "predicted": names[aligned.predicted_codes[at]],
        "probabilities": _row_probabilities(aligned, at),
        "confidence": None if np.isnan(confidence) else round(float(confidence), 4),
    }


def _row_probabilities(aligned: Aligned, at: int) -> dict[str, float] | None:
    if aligned.probabilities is None or np.isnan(aligned.probabilities[at]).any():
        return None
    return {
        label: round(float(value), 4) for label, value in zip(aligned.labels, aligned.probabilities[at], strict=True)
    }


def _leaks(aligned: Aligned, training: Training | None) -> Leaks | None:
    if training is None:
        return None
    if isinstance(training, Mapping):
        return find_leaks(aligned.gold, training)
    if isinstance(training, pd.DataFrame):
        return find_leaks(aligned.gold, pairs_of(training, "training"))
    given = list(training)
    known: list[Pair | Mapping[str, Any]] = [one for one in given if isinstance(one, Mapping)]
    learned = pairs_of((one for one in given if not isinstance(one, Mapping)), "training")
    return find_leaks(aligned.gold, [*learned, *known])


def _warnings(content: Mapping[str, Any], leaks: Leaks | None) -> list[str]:
    """What a reader must know before quoting a score."""
    found = [leaks.message] if leaks is not None and leaks else []
    reason = content["intervals"]["reason"]
    if reason:
        found.append(f"No intervals: {reason}")
    elif content["groups"] < FEW_GROUPS:
        found.append(
            f"Only {content['groups']} groups (articles or topics): intervals are too narrow, and little is known of new articles."
        )
    for label, held in content["per_label"].items():
        if held["n"] < FEW_EXAMPLES:
            found.append(f"'{label}' has {held['n']} gold examples: its scores say little.")
    return found


def _provenance(aligned: Aligned, seed: int, rounds: int, notes: Sequence[str]) -> dict[str, Any]:
    from importlib.metadata import version

    return {
        "gold_digest": material_digest(aligned.gold),
        "annotators": sorted({pair.annotator for pair in aligned.predicted if pair is not None and pair.annotator}),
        "gold_annotators": sorted({pair.annotator for pair in aligned.gold if pair.annotator}),
        "labels": list(aligned.labels),
        "seed": seed,
        "rounds": rounds,
        "groups": len(aligned.group_names),
        "quotestance": version("quotestance"),
        "notes": list(notes),
    }


def _title(aligned: Aligned) -> str:
    names = sorted({pair.annotator for pair in aligned.predicted if pair is not None and pair.annotator})
    who = names[0].removeprefix(MODEL) if len(names) == 1 else "predictions"
    return f"{who} on {aligned.n:,} pairs of {len(aligned.group_names):,} groups"


def _predictions(aligned: Aligned) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [pair.id for pair in aligned.gold],
            "group": [aligned.group_names[code] for code in aligned.groups],
            "target": [pair.target for pair in aligned.gold],
            "text": [pair.quote_text for pair in aligned.gold],
            "gold": [pair.label for pair in aligned.gold],
            "predicted": aligned.predicted_labels,
            "probabilities": [pair.probabilities if pair is not None else None for pair in aligned.predicted],
        },
        dtype=object,
    )


def _write_predictions(rows: pd.DataFrame, path: Path) -> str:
    """Write one JSON object a row, and return the digest of the file."""
    with whole_file(path) as stream:
        for values in zip(*(rows[name].tolist() for name in rows), strict=True):
            row = dict(zip(rows.columns, values, strict=True))
            row["probabilities"] = row["probabilities"] and dict(row["probabilities"])
            stream.write(json_line(row, where=f"{PREDICTIONS}, pair {row['id']}"))
    return file_digest(path)


def _read_predictions(path: Path) -> pd.DataFrame | None:
    if not path.exists():
        return None
    try:
        with path.open(encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream if line.strip()]
    except ValueError as problem:
        raise FormatError(f"{path}: is not JSON Lines ({problem}). Run 'quotestance evaluate' again.") from None
    return pd.DataFrame(rows, dtype=object)


def _score(value: float | None, low_high: Interval | None) -> dict[str, Any]:
    return {"value": value, "interval": None if low_high is None or value is None else list(low_high)}


def _flat(found: Mapping[str, Any]) -> dict[str, Any]:
    low, high = found["interval"] or (None, None)
    return {"value": found["value"], "low": low, "high": high}


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as stream:
        stream.write(content)
