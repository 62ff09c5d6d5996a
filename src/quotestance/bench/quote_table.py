"""Quote finders side by side: the table of `quotestance bench-quotes` and its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quotestance.evaluate.quotes import Measure, QuoteScores

# row -> the measure behind it: of whole quotes, and of their pieces
WHOLE: dict[str, Callable[[QuoteScores], Measure]] = {
    "exact F1": lambda s: s["exact"].f1,
    "F1 at 0.3": lambda s: s["overlap 0.3"].f1,
    "F1 at 0.8": lambda s: s["overlap 0.8"].f1,
    "covered, F1 at 0.3": lambda s: s["covered 0.3"].f1,
    "soft F1": lambda s: s["soft"].f1,
    "direct, recall at 0.8": lambda s: s.contents["overlap 0.8"]["direct"].recall,
    "mixed, recall at 0.3": lambda s: s.contents["overlap 0.3"]["mixed"].recall,
    "indirect, recall at 0.3": lambda s: s.contents["overlap 0.3"]["indirect"].recall,
    "source given content": lambda s: s.given["source"],
    "cue given content": lambda s: s.given["cue"],
}
PIECES = {f"by pieces: {name}": WHOLE[name] for name in ("exact F1", "F1 at 0.3", "direct, recall at 0.8")}


@dataclass(frozen=True)
class FinderScores:
    """What a finder scores with whole quotes, and with every piece of an interrupted one as a quote of its own."""

    whole: QuoteScores
    pieces: QuoteScores


def bench_markdown(scores: Mapping[str, FinderScores], pace: Mapping[str, float]) -> str:
    """One row a measure, one column a finder; the last row is articles a second. `pace` may name more than `scores`."""
    one = next(iter(scores.values())).whole
    rows = {
        **{row: {name: str(measure(both.whole)) for name, both in scores.items()} for row, measure in WHOLE.items()},
        **{row: {name: str(measure(both.pieces)) for name, both in scores.items()} for row, measure in PIECES.items()},
        "quotes found": {name: str(both.whole.predicted) for name, both in scores.items()},
        "articles a second": {name: f"{value:.1f}" for name, value in pace.items()},
    }
    return "\n".join(
        [
            f"{one.articles} articles, {one.gold} gold quotes; 95 % intervals over articles.",
            "",
            "| | " + " | ".join(pace) + " |",
            "|---" * (len(pace) + 1) + "|",
            *(f"| {row} | " + " | ".join(cells.get(name, "") for name in pace) + " |" for row, cells in rows.items()),
        ]
    )


def bench_record(
    gold: str, scores: Mapping[str, FinderScores], pace: Mapping[str, float], **made_by: Any
) -> dict[str, Any]:
    """The same with everything that was scored, for a file; `made_by` says by what (finders, seed, versions)."""
    return {
        "gold": gold,
        **made_by,
        "articles_a_second": {name: round(value, 2) for name, value in pace.items()},
        "finders": {name: one.whole.to_dict() for name, one in scores.items()},
        "by pieces": {name: one.pieces.to_dict() for name, one in scores.items()},
    }
