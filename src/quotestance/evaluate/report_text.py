"""A report's JSON into Markdown for people: headline, labels, confusion, breakdowns, leaks, and how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quotestance.data.records import BETWEEN_PARTS

SHOWN_CELLS = 10
SHOWN_MISTAKES = 10
HEADLINE = (
    ("accuracy", "accuracy"),
    ("macro_f1", "macro-F1"),
    ("micro_f1", "micro-F1"),
    ("semeval_favg", "SemEval F_avg (favor, against)"),
    ("balanced_accuracy", "balanced accuracy"),
    ("matthews", "Matthews correlation"),
    ("log_loss", "log loss"),
    ("brier", "Brier score"),
    ("expected_calibration_error", "expected calibration error"),
)
PER_LABEL = (
    ("recall", "recall"),
    ("one_vs_rest_accuracy", "accuracy, one vs rest"),
    ("precision", "precision"),
    ("f1", "F1"),
)


def report_markdown(content: Mapping[str, Any], *, brief: bool = False) -> str:
    """The report as Markdown, ending in a line feed. `brief`: what fits a terminal."""
    parts = [
        f"# {_cell(content['title'])}",
        *(f"> **Warning.** {_cell(line)}" for line in content["warnings"]),
        _headline(content),
        _labels(content),
    ]
    if not brief:
        parts += [
            _confusion(content),
            _abstaining(content),
            *(_breakdown(one) for one in content["breakdowns"].values() if one["total_cells"] > 1),
            _leaks(content),
            _mistakes(content),
        ]
    return "\n\n".join([*(part for part in parts if part), _made(content)]) + "\n"


def _headline(content: Mapping[str, Any]) -> str:
    base = content["majority_baseline"]
    rows = [(name, _value(content[key])) for key, name in HEADLINE if content[key] is not None]
    rows.append((f"always '{base['label']}': accuracy, macro-F1", f"{base['accuracy']:.3f}, {base['macro_f1']:.3f}"))
    return _table(("score", "value (95 % interval)"), rows)


def _labels(content: Mapping[str, Any]) -> str:
    rows = [
        (label, f"{one['n']:,}", f"{one['predicted']:,}", *(_value(one[key]) for key, _ in PER_LABEL))
        for label, one in content["per_label"].items()
    ]
    return "## Per label\n\n" + _table(("label", "n", "predicted", *(name for _, name in PER_LABEL)), rows)


def _confusion(content: Mapping[str, Any]) -> str:
    held = content["confusion"]
    rows = [(label, *(f"{n:,}" for n in counts)) for label, counts in zip(held["gold"], held["counts"], strict=True)]
    return "## Confusion\n\n" + _table(("gold ↓, predicted →", *held["predicted"]), rows)


def _abstaining(content: Mapping[str, Any]) -> str:
    rows = [
        (f"{one['below']:g}", f"{one['n']:,} ({one['answered']:.0%})", _plain(one["accuracy"]))
        for one in content.get("abstaining") or ()
    ]
    if not rows:
        return ""
    return (
        "## If it answers only where it is sure\n\n`--abstain-below P` says 'unclear' where the label's probability is below P. "
        "On these pairs that leaves:\n\n" + _table(("P", "answered", "accuracy"), rows)
    )


def _breakdown(one: Mapping[str, Any]) -> str:
    rows = [
        (
            cell["cell"],
            f"{cell['n']:,}" + (" (small)" if cell["small"] else ""),
            f"{cell['groups']:,}",
            _value(cell["accuracy"]),
            _value(cell["macro_f1"]),
        )
        for cell in one["cells"][:SHOWN_CELLS]
    ]
    rest = one["total_cells"] - len(rows)
    macro, micro = one["macro_over_cells"], one["micro_over_rows"]
    return "\n".join(
        [
            f"## By {one['title']}",
            "",
            _table((one["title"], "n", "groups", "accuracy", "macro-F1"), rows),
            "",
            (f"{rest:,} more are not shown. " if rest else "")
            + f"Mean over all {one['total_cells']:,}, each counting the same: accuracy "
            f"{_plain(macro['accuracy'])}, macro-F1 {_plain(macro['macro_f1'])}; over pairs: {_plain(micro['accuracy'])}, {_plain(micro['macro_f1'])}.",
        ]
    )


def _leaks(content: Mapping[str, Any]) -> str:
    leaks = content["leaks"]
    if leaks is None:
        return "## Held out?\n\nNot checked: no training material was given."
    lines = [
        (one["kind"], one["heldout"], one["training"] or "–", f"{one['similarity']:.2f}", str(one["pairs"]))
        for one in leaks["found"][:SHOWN_CELLS]
    ]
    table = "\n\n" + _table(("kind", "held out", "training", "similarity", "pairs"), lines) if lines else ""
    return f"## Held out?\n\n{leaks['message']}{table}"


def _mistakes(content: Mapping[str, Any]) -> str:
    if not content["mistakes"]:
        return "## Mistakes\n\nNone."
    rows = [
        (
            one["target"],
            BETWEEN_PARTS.join(one["context"][start:end] for start, end in one["quote"])[:160],
            one["gold"],
            one["predicted"],
            _plain(one["confidence"]),
        )
        for one in content["mistakes"][:SHOWN_MISTAKES]
    ]
    most = "the most confident first" if content["mistakes"][0]["confidence"] is not None else "in gold's order"
    return f"## Mistakes\n\n{len(rows)} of {content['mistakes_total']:,}, {most}.\n\n" + _table(
        ("target", "quote", "gold", "predicted", "confidence"), rows
    )


def _made(content: Mapping[str, Any]) -> str:
    made = content["provenance"]
    lines = [
        f"{content['n']:,} pairs in {content['groups']:,} groups (articles or topics). Intervals: {content['intervals']['method']}, "
        f"{made['rounds']:,} rounds, seed {made['seed']}. Gold {made['gold_digest'][:12]}. quotestance {made['quotestance']}.",
        *content["alignment"]["messages"],
        *made["notes"],
    ]
    return "\n".join(f"- {_cell(line)}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def _cell(text: str) -> str:
    """Text as text: on one line, and no sign of it is markup."""
    flat = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\")
    for sign in "|*`[]":
        flat = flat.replace(sign, "\\" + sign)
    return flat


def _value(score: Mapping[str, Any]) -> str:
    if score["value"] is None:
        return "–"
    return f"{score['value']:.3f}" + (
        f" ({score['interval'][0]:.3f}–{score['interval'][1]:.3f})" if score["interval"] else ""
    )


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
