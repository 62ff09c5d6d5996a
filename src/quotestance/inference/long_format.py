"""A record into rows of the long format, one a quote and target, and rows into typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from quotestance.data.columns import names_beside
from quotestance.data.pair_tables import PROBABILITY
from quotestance.data.pairs import MODEL
from quotestance.data.records import BETWEEN_PARTS

OF_ARTICLE = ("title", "source", "url", "published", "language")
BEFORE: Mapping[str, str] = {
    "article_id": "text", "quote_id": "text", "quote": "text", "kind": "text", "start": "whole", "end": "whole",
    "speaker_id": "text", "speaker": "text", "mention": "text", "cue": "text",
}  # fmt: skip
TARGET: Mapping[str, str] = {"target_id": "text", "target": "text", "label": "text"}
NOT_CARRIED = frozenset({"format", "id", "text", "text_sha256", "text_ref", "labels", "targets", "speakers", "quotes"})

Columns = Mapping[str, str]  # name -> text, whole, number or truth, in order


def stance_rows(record: Mapping[str, Any], labels: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """One row a quote and stance; a quote of which nothing is asked has one row without target, or without these columns if `labels` is empty.

    `start` and `end` bound the quote in the article's text, in code points; an interrupted quote holds other words in
    between. The article's title, address, date and unknown keys stand in every row.
    """
    speakers = {speaker["id"]: speaker["name"] for speaker in record.get("speakers") or ()}
    targets = {target["id"]: target["name"] for target in record.get("targets") or ()}
    own = _own(record)
    for quote in record.get("quotes") or ():
        found = _of_quote(record, quote, speakers)
        stances = quote.get("stances") or ()
        for stance in stances:
            yield {**found, **_of_stance(stance, targets, labels), **own}
        if not stances:
            yield {**found, **(_of_stance({}, targets, labels) if labels else {}), **own}


def columns_of(rows: Iterable[Mapping[str, Any]], *, stances: Sequence[str] | None = None) -> Columns:
    """The columns of rows with their types. Columns of the long format come first where `stances` names its labels.

    A column is `whole`, `number` or `truth` where every cell is, else text; lists and objects are written as JSON.
    """
    fixed = {} if stances is None else {**BEFORE, **(_of_labels(stances) if stances else {})}
    kinds: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.items():
            if value is not None:
                kinds.setdefault(name, set()).add(_kind(value))
            else:
                kinds.setdefault(name, set())
    found = {name: _common(kind) for name, kind in kinds.items()}
    known = {name: kind for name, kind in found.items() if stances is not None and name in OF_ARTICLE}
    return {**fixed, **{name: kind for name, kind in {**known, **found}.items() if name not in fixed}}


def _of_labels(labels: Sequence[str]) -> Columns:
    """The columns of a stance."""
    return {**TARGET, **{PROBABILITY + label: "number" for label in labels}, "model": "text"}


def _own(record: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the article, by names that no column of the quote has."""
    carried = [name for name in record if name not in NOT_CARRIED]
    ours = {*BEFORE, *TARGET, "model", *(name for name in carried if name.startswith(PROBABILITY))}
    return {kept: record[name] for name, kept in names_beside(carried, ours).items()}


def _of_quote(record: Mapping[str, Any], quote: Mapping[str, Any], speakers: Mapping[str, str]) -> dict[str, Any]:
    spans = quote.get("spans") or ()
    speaker = quote.get("speaker") or {}
    mention = (speaker.get("mention") or {}).get("text")
    return {
        "article_id": record["id"],
        "quote_id": quote["id"],
        "quote": BETWEEN_PARTS.join(span["text"] for span in spans) or None,
        "kind": quote.get("kind"),
        "start": spans[0]["start"] if spans else None,
        "end": spans[-1]["end"] if spans else None,
        "speaker_id": speaker.get("id"),
        "speaker": speakers.get(speaker.get("id") or "") or mention,
        "mention": mention,
        "cue": (quote.get("cue") or {}).get("text"),
    }


def _of_stance(stance: Mapping[str, Any], targets: Mapping[str, str], labels: Sequence[str]) -> dict[str, Any]:
    probabilities = dict.fromkeys(labels) | (stance.get("probabilities") or {})
    return {
        "target_id": stance.get("target"),
        "target": targets.get(stance.get("target", "")),
        "label": stance.get("label"),
        **{PROBABILITY + label: value for label, value in probabilities.items()},
        "model": (stance.get("annotator") or "").removeprefix(MODEL) or None,
    }


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int):
        return "whole" if -(1 << 63) <= value < 1 << 63 else "text"
    return "number" if isinstance(value, float) else "text"


def _common(kinds: set[str]) -> str:
    if kinds == {"whole", "number"}:
        return "number"
    return next(iter(kinds)) if len(kinds) == 1 else "text"
