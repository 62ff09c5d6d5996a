"""Two or more sets of predictions on the same gold into which is better, by how much, and with what certainty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.pairs import Pair
from quotestance.data.records import Article
from quotestance.evaluate.align import EvaluationError, align
from quotestance.evaluate.intervals import Interval, distinct_rows, group_counts, interval, no_interval, resampled
from quotestance.evaluate.report import Report
from quotestance.evaluate.scores import accuracy, macro_f1

RUN_SCORES = (
    "accuracy",
    "macro_f1",
    "micro_f1",
    "semeval_favg",
    "balanced_accuracy",
    "matthews",
    "log_loss",
    "brier",
    "expected_calibration_error",
)
DIFFERENCES = ("id", "group", "target", "text", "gold", "a", "b", "right")
FLIPPED_AT_ONCE = 4_000_000  # numbers held in memory while permuting
SAME = 1e-12  # differences closer than this are equal (the last bits of a sum)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Model a against model b on the same n pairs. Differences are a minus b: above 0, a is better.

    `mcnemar_p`: could the pairs that only one of them gets right fall like coin tosses? It takes pairs as independent, which
    quotes of one article are not. `permutation_p`: how often is the difference of macro-F1 as large when the names of the models
    are swapped in whole articles at random? None with one group; that is the one to report. `adjusted_p`: the same after Holm's
    correction for all comparisons made together (itself, for a single one).
    """

    a: str
    b: str
    n: int
    groups: int
    accuracy_a: float
    accuracy_b: float
    macro_f1_a: float
    macro_f1_b: float
    difference: float
    difference_interval: Interval | None
    only_a_right: int
    only_b_right: int
    mcnemar_p: float
    permutation_p: float | None
    adjusted_p: float | None
    reason: str | None
    differences: pd.DataFrame = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """All but the examples, as plain JSON."""
        found = {name: value for name, value in self.__dict__.items() if name != "differences"}
        return found | {
            "difference_interval": None if self.difference_interval is None else list(self.difference_interval)
        }

    def to_text(self) -> str:
        """A few lines for a terminal."""
        between = (
            ""
            if self.difference_interval is None
            else f" [{self.difference_interval[0]:+.3f}, {self.difference_interval[1]:+.3f}]"
        )
        lines = [
            f"{self.a} against {self.b} on {self.n:,} pairs of {self.groups:,} groups",
            f"  macro-F1 {self.macro_f1_a:.3f} and {self.macro_f1_b:.3f}: difference {self.difference:+.3f}{between}",
            f"  accuracy {self.accuracy_a:.3f} and {self.accuracy_b:.3f}: only {self.a} is right on {self.only_a_right:,}, only {self.b} on "
            f"{self.only_b_right:,} (McNemar p = {_p(self.mcnemar_p)})",
            f"  permutation of whole articles or topics: p = {_p(self.permutation_p)}"
            + ("" if self.adjusted_p == self.permutation_p else f", after Holm's correction {_p(self.adjusted_p)}"),
        ]
        return "\n".join([*lines, *([f"  {self.reason}"] if self.reason else [])])


def compare(
    gold: Iterable[Pair | Article],
    a: Iterable[Pair | Article],
    b: Iterable[Pair | Article],
    *,
    labels: LabelSet = CODEBOOK,
    seed: int = 13,
    rounds: int = 1000,
    names: tuple[str, str] = ("a", "b"),
) -> Comparison:
    """Compare two models' predictions of the same gold. Raises LabelError and EvaluationError as `align` does."""
    truth = list(gold)
    ours, theirs = align(truth, a, labels=labels), align(truth, b, labels=labels)
    rows = pd.DataFrame(
        {
            "id": [pair.id for pair in ours.gold],
            "group": [ours.group_names[code] for code in ours.groups],
            "target": [pair.target for pair in ours.gold],
            "text": [pair.quote_text for pair in ours.gold],
            "gold": [pair.label for pair in ours.gold],
            "a": ours.predicted_labels,
            "b": theirs.predicted_labels,
        },
        dtype=object,
    )
    return compare_rows(rows, labels, names=names, seed=seed, rounds=rounds)


def compare_reports(reports: Mapping[str, Report], *, seed: int = 13, rounds: int = 1000) -> list[Comparison]:
    """Every two of two or more reports on the same gold, by name; p-values corrected for their number (Holm 1979).

    Raises EvaluationError where a report lacks its predictions.jsonl, or the reports differ in gold or labels.
    """
    if len(reports) < 2:
        raise EvaluationError("There must be two reports or more to compare.")
    return holm([_compared(reports, one, other, seed, rounds) for one, other in combinations(reports, 2)])


def holm(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with `adjusted_p`: permutation p-values corrected for being many (Holm 1979)."""
    known = [one.permutation_p for one in comparisons if one.permutation_p is not None]
    adjusted = iter(holm_adjusted(known))
    return [one if one.permutation_p is None else replace(one, adjusted_p=next(adjusted)) for one in comparisons]


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """Step-down Bonferroni: the smallest of m p-values times m, the next times m - 1, …; never falling, at most 1 (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) - np.arange(len(p_values))
    stepped = (
        np.minimum(np.maximum.accumulate(np.asarray(p_values, dtype=float)[order] * factors), 1.0)
        if len(p_values)
        else np.empty(0)
    )
    found = np.empty(len(p_values))
    found[order] = stepped
    return [float(value) for value in found]


def run_summary(reports: Sequence[Report]) -> pd.DataFrame:
    """Several runs of one model (other seeds): per score and label F1 the mean, standard deviation (n - 1), least, most, runs.

    The deviation says how much training varies; a report's interval says how much articles vary. Neither stands for the other.
    Raises EvaluationError where the runs differ in gold or labels, or there is one run only.
    """
    if len(reports) < 2:
        raise EvaluationError("A mean over runs needs two reports or more.")
    for report in reports[1:]:
        _check_same_gold(reports[0].title, reports[0], report.title, report)
    columns = {name: [report.value(name) for report in reports] for name in RUN_SCORES}
    columns |= {
        f"f1 {label}": [report.content["per_label"][label]["f1"]["value"] for report in reports]
        for label in reports[0].labels
    }
    rows = {name: np.array(values, dtype=float) for name, values in columns.items() if None not in values}
    return pd.DataFrame(
        [
            {"mean": v.mean(), "sd": v.std(ddof=1), "least": v.min(), "most": v.max(), "runs": len(v)}
            for v in rows.values()
        ],
        index=pd.Index(list(rows), name="score"),
    )


def compare_rows(
    rows: pd.DataFrame, labels: LabelSet, *, names: tuple[str, str] = ("a", "b"), seed: int = 13, rounds: int = 1000
) -> Comparison:
    """Compare two columns of predictions, `a` and `b`, with the column `gold`; other columns: id, group, target, text."""
    groups, _ = pd.factorize(rows["group"])
    gold, codes_a, codes_b = (_codes(rows[name], labels) for name in ("gold", "a", "b"))
    counts_a, counts_b = (group_counts(gold, codes, groups, len(labels)) for codes in (codes_a, codes_b))
    right_a, right_b = codes_a == gold, codes_b == gold
    whole_a, whole_b = counts_a.sum(0), counts_b.sum(0)
    reason = no_interval(len(counts_a), rounds)
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = None if reason else permutation_p(counts_a, counts_b, seed=seed, rounds=rounds)
    return Comparison(
        a=names[0],
        b=names[1],
        n=len(rows),
        groups=len(counts_a),
        accuracy_a=float(accuracy(whole_a)),
        accuracy_b=float(accuracy(whole_b)),
        macro_f1_a=float(macro_f1(whole_a)),
        macro_f1_b=float(macro_f1(whole_b)),
        difference=float(macro_f1(whole_a) - macro_f1(whole_b)),
        difference_interval=None if reason else difference_interval(counts_a, counts_b, seed=seed, rounds=rounds),
        only_a_right=only_a,
        only_b_right=only_b,
        mcnemar_p=mcnemar_p(only_a, only_b),
        permutation_p=p,
        adjusted_p=p,
        reason=reason,
        differences=_differences(rows, codes_a != codes_b, right_a, right_b, names),
    )


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Two-sided exact McNemar test: the binomial chance of a split as uneven among the pairs that one alone gets right (McNemar 1947)."""
    from scipy.stats import binomtest

    return 1.0 if only_a + only_b == 0 else float(binomtest(only_a, only_a + only_b, 0.5).pvalue)


def permutation_p(counts_a: NDArray[Any], counts_b: NDArray[Any], *, seed: int, rounds: int) -> float:
    """Two-sided paired permutation test on macro-F1, the models swapped in whole groups (Noreen 1989; Yeh 2000).

    From (groups, labels, labels + 1) counts. (1 + samples as far apart as found) / (1 + rounds), so never 0.
    """
    shape = counts_a.shape[1:]
    moved = (counts_b - counts_a).reshape(len(counts_a), -1).astype(np.int64)
    kinds, times = distinct_rows(moved)  # groups that differ in the same way are swapped together
    whole_a, whole_b = counts_a.sum(0).astype(float), counts_b.sum(0).astype(float)
    found = abs(float(macro_f1(whole_a) - macro_f1(whole_b)))
    drawing = np.random.default_rng(seed)
    as_far = 0
    step = max(1, FLIPPED_AT_ONCE // len(kinds))
    for start in range(0, rounds, step):
        swapped = drawing.binomial(times, 0.5, size=(min(step, rounds - start), len(times))) @ kinds.astype(float)
        change = swapped.reshape(-1, *shape)
        apart = np.abs(macro_f1(whole_a + change) - macro_f1(whole_b - change))
        as_far += int((apart >= found - SAME).sum())
    return (1 + as_far) / (1 + rounds)


def difference_interval(counts_a: NDArray[Any], counts_b: NDArray[Any], *, seed: int, rounds: int) -> Interval | None:
    """The 95 % interval of the difference of macro-F1: both models on the same samples of whole groups."""
    samples = resampled(np.stack([counts_a, counts_b], axis=1), seed=seed, rounds=rounds)
    return interval(macro_f1(samples[:, 0]) - macro_f1(samples[:, 1]))


def _compared(reports: Mapping[str, Report], one: str, other: str, seed: int, rounds: int) -> Comparison:
    first, second = reports[one], reports[other]
    _check_same_gold(one, first, other, second)
    for name, report in ((one, first), (other, second)):
        if report.predictions is None:
            raise EvaluationError(
                f"{name} has no predictions.jsonl beside its report.json. Write it again with 'quotestance evaluate --out'."
            )
    assert first.predictions is not None
    assert second.predictions is not None
    theirs = second.predictions.set_index("id")["predicted"]
    rows = first.predictions.rename(columns={"predicted": "a"})
    if set(rows["id"]) != set(theirs.index):
        raise EvaluationError(
            f"{one} and {other} were not scored on the same pairs ({len(rows):,} and {len(theirs):,}). Evaluate both on the same gold."
        )
    rows = rows.assign(b=list(theirs.reindex(rows["id"])))
    return compare_rows(rows, first.labels, names=(one, other), seed=seed, rounds=rounds)


def _check_same_gold(one: str, first: Report, other: str, second: Report) -> None:
    if first.labels != second.labels:
        raise EvaluationError(
            f"{one} was scored with the labels {', '.join(first.labels)}, {other} with {', '.join(second.labels)}. Evaluate both "
            "with the same label set."
        )
    ours, theirs = first.content["provenance"]["gold_digest"], second.content["provenance"]["gold_digest"]
    if ours != theirs:
        raise EvaluationError(
            f"{one} and {other} were measured on different gold ({first.n:,} pairs, digest {ours[:12]}; {second.n:,} pairs, digest "
            f"{theirs[:12]}). Evaluate both on the same file."
        )


def _codes(column: Iterable[Any], labels: LabelSet) -> NDArray[np.int64]:
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places.get(label, len(labels)) for label in column], dtype=np.int64)


def _differences(
    rows: pd.DataFrame,
    differ: NDArray[np.bool_],
    right_a: NDArray[np.bool_],
    right_b: NDArray[np.bool_],
    names: tuple[str, str],
) -> pd.DataFrame:
    """The pairs on which the models differ, with who is right ('neither' where both err)."""
    right = np.where(right_a, names[0], np.where(right_b, names[1], "neither"))
    return rows.assign(right=right)[differ][list(DIFFERENCES)].reset_index(drop=True)


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
