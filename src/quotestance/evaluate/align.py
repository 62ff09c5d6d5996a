"""Gold and predictions, matched by id, into aligned rows with what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.data.errors import LabelError, QuotestanceError
from quotestance.data.labels import CODEBOOK, UNCLEAR, LabelSet
from quotestance.data.pair_tables import as_predicted, pairs_from_frame
from quotestance.data.pairs import Pair, article_pairs, settled
from quotestance.data.records import Article

Material = Iterable[Pair | Article] | pd.DataFrame  # a frame has the columns of a pair table
Missing = Literal["error", "wrong", "skip"]
SUM_TOLERANCE = 0.02  # probabilities rounded to two places still pass
SHOWN = 3  # ids named in a message


class EvaluationError(QuotestanceError):
    """Gold and predictions that do not belong together, or that leave nothing to score."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """What is scored, row by row, n rows in gold's order.

    `gold_codes` (n,) are places in `labels`; `predicted_codes` (n,) too, or len(labels) for no label of the set.
    `probabilities` (n, labels) has NaN rows where a prediction is missing; None where predictions have none.
    `groups` (n,) are codes of `group_names`: the article or topic, or the pair itself where it names none.
    `messages` say in sentences what was left out; `left_out` counts it by reason. `warnings` say what a reader must know
    before any score.
    """

    labels: LabelSet
    gold: Sequence[Pair]
    predicted: Sequence[Pair | None]
    gold_codes: NDArray[np.int64]
    predicted_codes: NDArray[np.int64]
    probabilities: NDArray[np.float64] | None
    groups: NDArray[np.int64]
    group_names: Sequence[str]
    left_out: Mapping[str, int]
    messages: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = field(default=())

    @property
    def n(self) -> int:
        return len(self.gold)

    @property
    def predicted_labels(self) -> list[str]:
        """The label of each prediction as scored; 'unclear' where it has none of the set."""
        names = (*self.labels.names, UNCLEAR)
        return [names[code] for code in self.predicted_codes]


def align(
    gold: Material,
    predicted: Material,
    *,
    labels: LabelSet = CODEBOOK,
    missing: Missing = "error",
    columns: Mapping[str, str] | None = None,
) -> Aligned:
    """Match predictions with gold by the id of the pair; articles are taken apart into pairs first.

    Frames have the columns of a pair table, rows without an id the number of their row as one; in one of predictions,
    `predicted` counts where it also carries gold's `label`. `columns` says under which names the frames keep ours:
    `{"text": "post", "label": "stance"}`; the label named there is gold's, that of predictions is `label` or `predicted`.
    Gold: pairs without a label or labelled 'unclear' are not scored. Where a pair has several annotators, the one called
    'gold' counts, else their common label, else it is 'unclear'. The same id twice from one annotator is refused.
    Predictions: an id twice, a label outside the set, or another target or text than gold has under that id are refused.
    'unclear' is abstaining: it is scored as wrong and counted. Predictions of ids that gold does not have (or does not
    score) are left out. Gold pairs without a prediction are an error, unless `missing` is 'wrong' (no answer is a wrong
    answer) or 'skip' (they are not scored; say so beside the score). Gold that the predicting model wrote itself is refused;
    gold that another model wrote is warned of.
    Raises EvaluationError and LabelError, with the id and the remedy.
    """
    if missing not in get_args(Missing):
        raise EvaluationError(f"'{missing}' is not known for `missing`. It may be: {', '.join(get_args(Missing))}.")
    all_gold = _one_per_id(pairs_of(gold, "gold", labels, columns=columns), labels)
    theirs = {ours: column for ours, column in (columns or {}).items() if ours != "label"}
    answers = _by_id(_answers(predicted, labels, theirs), labels)
    left_out: Counter[str] = Counter()
    scored: list[Pair] = []
    for pair in all_gold:
        if not pair.label:
            left_out["unlabelled"] += 1
        elif pair.label == UNCLEAR:
            left_out["unclear"] += 1
        else:
            scored.append(pair)
    if not scored:
        raise EvaluationError(_nothing_to_score(len(all_gold), left_out))
    found = [answers.get(pair.id) for pair in scored]
    absent = [pair.id for pair, answer in zip(scored, found, strict=True) if answer is None or not answer.label]
    left_out["missing"] = len(absent)
    left_out["extra"] = len(answers.keys() - {pair.id for pair in all_gold})
    if len(absent) == len(scored):
        raise EvaluationError(
            f"Not one of the {len(scored):,} gold pairs has a prediction. Gold's ids look like {_ids(p.id for p in scored)}, "
            f"those of the predictions like {_ids(answers)}. Predict on this gold, or give both the same ids."
        )
    if absent and missing == "error":
        raise EvaluationError(
            f"{len(absent):,} of {len(scored):,} gold pairs have no prediction, such as {_ids(absent)}. Predict them, or say "
            "what that means: missing='wrong' (--missing wrong: each counts as wrong) or 'skip' (they are not scored)."
        )
    if missing == "skip":
        kept = [
            (pair, answer) for pair, answer in zip(scored, found, strict=True) if answer is not None and answer.label
        ]
        scored, found = [pair for pair, _ in kept], [answer for _, answer in kept]
    for pair, answer in zip(scored, found, strict=True):
        _check_same_question(pair, answer)
    _check_not_its_own(scored, found)
    places = {label: place for place, label in enumerate(labels)}
    predicted_codes = np.array(
        [places.get((answer and answer.label) or "", len(labels)) for answer in found], dtype=np.int64
    )
    left_out["abstained"] = sum(answer is not None and answer.label == UNCLEAR for answer in found)
    probabilities, doubt = _probabilities(found, labels)
    groups, names = pd.factorize(np.array([pair.group or pair.id for pair in scored], dtype=object))
    return Aligned(
        labels=labels,
        gold=scored,
        predicted=found,
        gold_codes=np.array([places[pair.label or ""] for pair in scored], dtype=np.int64),
        predicted_codes=predicted_codes,
        probabilities=probabilities,
        groups=groups,
        group_names=list(names),
        left_out={"gold": len(all_gold), "scored": len(scored), **{name: left_out[name] for name in LEFT_OUT}},
        messages=(*_messages(left_out, missing), *doubt, *_group_messages(scored)),
        warnings=_model_warnings(scored),
    )


LEFT_OUT = {
    "missing": "{n} gold pairs have no prediction and {missing}.",
    "extra": "{n} predictions have ids that gold does not have; they are not used.",
    "unclear": "{n} gold pairs are labelled 'unclear' and are not scored.",
    "unlabelled": "{n} gold pairs have no label and are not scored.",
    "abstained": "{n} predictions are 'unclear': abstaining is scored as wrong.",
}
MISSING_MEANS = {"error": "", "wrong": "count as wrong", "skip": "are not scored: the scores speak for the rest only"}


def pairs_of(
    material: Material,
    name: str,
    labels: LabelSet | None = None,
    probabilities_of: LabelSet | None = None,
    columns: Mapping[str, str] | None = None,
) -> list[Pair]:
    """Pairs as they are, articles as their labelled pairs ('unclear' ones too), a frame as the pair table that it is.

    `labels`, `probabilities_of` and `columns` are those of `read_pairs`, for a frame; `name` is what errors call the material.
    Raises EvaluationError for anything else.
    """
    if isinstance(material, pd.DataFrame):
        return pairs_from_frame(material, columns, labels=labels, probabilities_of=probabilities_of, name=name)
    pairs: list[Pair] = []
    for one in material:
        if not isinstance(one, Pair | Article):
            raise EvaluationError(
                f"{name}: should be pairs, articles or a DataFrame, but holds {one!r:.60}. Read a file with read_material, or "
                "as a table with pandas; make rows a DataFrame."
            )
        pairs.extend(article_pairs([one], unclear=True) if isinstance(one, Article) else [one])
    return pairs


def _answers(predicted: Material, labels: LabelSet, columns: Mapping[str, str]) -> list[Pair]:
    pairs = pairs_of(predicted, "the predictions", probabilities_of=labels, columns=columns)
    return as_predicted(pairs) if isinstance(predicted, pd.DataFrame) else pairs


def _one_per_id(pairs: list[Pair], labels: LabelSet) -> list[Pair]:
    """Gold with one pair an id. Several annotators are settled; one annotator twice is refused."""
    by_id: dict[str, Pair] = {}
    several: dict[str, list[Pair]] = {}
    for pair in pairs:
        if pair.label and pair.label not in labels:
            labels.check(pair.label, where=f"gold, pair {pair.id}")
        if pair.id in by_id:
            several.setdefault(pair.id, [by_id[pair.id]]).append(pair)
        else:
            by_id[pair.id] = pair
    for one_id, rows in several.items():
        _check_annotators(rows)
        (by_id[one_id],) = settled(rows)
    return list(by_id.values())


def _check_annotators(rows: list[Pair]) -> None:
    annotators = Counter(pair.annotator for pair in rows)
    if twice := [name for name, times in annotators.items() if times > 1]:
        who = f"annotator '{twice[0]}'" if twice[0] else "no named annotator"
        raise EvaluationError(
            f"gold, pair {rows[0].id}: stands {len(rows)} times, from {who} more than once. Give every pair its own id, or "
            "each annotator a name."
        )


def _by_id(pairs: list[Pair], labels: LabelSet) -> dict[str, Pair]:
    answers: dict[str, Pair] = {}
    for pair in pairs:
        if pair.label and pair.label not in labels:
            labels.check(pair.label, where=f"prediction {pair.id}")
        if pair.id in answers:
            raise EvaluationError(
                f"prediction {pair.id}: stands more than once (labels {answers[pair.id].label} and {pair.label}). Keep one: "
                "predictions of two models belong into two files."
            )
        answers[pair.id] = pair
    return answers


def _check_same_question(gold: Pair, answer: Pair | None) -> None:
    if answer is None:
        return
    for name, ours, theirs in (("target", gold.target, answer.target), ("text", gold.text, answer.text)):
        if theirs and ours != theirs:
            raise EvaluationError(
                f"pair {gold.id}: its {name} is {_short(ours)} in gold and {_short(theirs)} in the predictions. Equal ids must "
                "mean equal questions: predict on this gold, or give the rows ids of their own."
            )


def _check_not_its_own(scored: Sequence[Pair], found: Sequence[Pair | None]) -> None:
    """Refuse labels that are scored against themselves."""
    own = [
        (pair, answer)
        for pair, answer in zip(scored, found, strict=True)
        if pair.model and answer and pair.model == answer.model
    ]
    if own:
        raise EvaluationError(
            f"{len(own):,} of {len(scored):,} gold labels, such as that of pair {own[0][0].id}, were written by {own[0][0].model}, "
            "the model that is scored: it agrees with itself. Gold needs labels by people: 'quotestance sample' makes a "
            "sheet to label by hand. Where people went over these labels, put their name for the model's (column or key "
            "annotator) and drop the column model."
        )


def _model_warnings(scored: Sequence[Pair]) -> tuple[str, ...]:
    written = Counter(pair.model for pair in scored if pair.model)
    if not written:
        return ()
    return (
        f"{written.total():,} of {len(scored):,} gold labels were written by a model ({', '.join(sorted(written))}), not by people: the "
        "scores are agreement with it.",
    )


def _probabilities(
    found: Sequence[Pair | None], labels: LabelSet
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """(n, labels) probabilities that sum to 1, or None; and what is to be said of them."""
    answered = [pair for pair in found if pair is not None and pair.label]
    having = sum(pair.probabilities is not None for pair in answered)
    if having == 0:
        return None, ()
    if having < len(answered):
        return None, (
            f"Only {having:,} of {len(answered):,} predictions have probabilities: calibration is not measured.",
        )
    blank = dict.fromkeys(labels, np.nan)
    rows: list[Mapping[str, Any]] = [
        pair.probabilities if pair is not None and pair.label and pair.probabilities is not None else blank
        for pair in found
    ]
    try:
        table = np.array([[row[label] for label in labels] for row in rows], dtype=float)
    except KeyError:
        at = next(place for place, row in enumerate(rows) if any(label not in row for label in labels))
        raise LabelError(
            f"prediction {_id(found[at])}: probabilities for {', '.join(rows[at]) or 'no label'}, where the label set has: "
            f"{', '.join(labels)}. Give one for each."
        ) from None
    total = table.sum(1)
    absent = np.array([row is blank for row in rows])
    wrong = ~absent & ~((table >= 0).all(1) & (np.abs(total - 1) <= SUM_TOLERANCE))
    if wrong.any():
        at = int(wrong.argmax())
        raise EvaluationError(
            f"prediction {_id(found[at])}: its probabilities {dict(rows[at])} are not numbers from 0 to 1 that sum to 1 over "
            f"{', '.join(labels)}."
        )
    places = {label: place for place, label in enumerate(labels)}
    own = np.array([places.get((pair and pair.label) or "", -1) for pair in found])
    chosen = np.where(own >= 0, np.take_along_axis(table, np.maximum(own, 0)[:, None], 1)[:, 0], np.nan)
    other = int((chosen < np.where(absent[:, None], -1, table).max(1)).sum())
    said = (
        (f"{other:,} predictions have a label that is not their most probable one: labels are scored as given.",)
        if other
        else ()
    )
    return table / total[:, None], said


def _id(pair: Pair | None) -> str:
    return pair.id if pair is not None else ""


def _messages(left_out: Mapping[str, int], missing: Missing) -> list[str]:
    return [
        text.format(n=f"{left_out[name]:,}", missing=MISSING_MEANS[missing])
        for name, text in LEFT_OUT.items()
        if left_out[name]
    ]


def _group_messages(scored: Sequence[Pair]) -> list[str]:
    without = sum(pair.group is None for pair in scored)
    if not without:
        return []
    return [
        f"{without:,} of {len(scored):,} pairs name no group (article or topic) and stand for themselves: intervals are too narrow where "
        "pairs come from the same article."
    ]


def _nothing_to_score(pairs: int, left_out: Mapping[str, int]) -> str:
    if not pairs:
        return "Gold holds no labelled pair. Check the file; questions (label null) cannot be scored."
    return (
        f"None of gold's {pairs:,} pairs can be scored: {left_out['unlabelled']:,} have no label and {left_out['unclear']:,} are 'unclear'. "
        "Annotate some, or check that this is the gold file."
    )


def _ids(ids: Iterable[str]) -> str:
    named = list(ids)
    return ", ".join(f"'{one}'" for one in named[:SHOWN]) + (" …" if len(named) > SHOWN else "") if named else "(none)"


def _short(text: str, most: int = 60) -> str:
    return repr(text if len(text) <= most else text[: most - 1] + "…")
