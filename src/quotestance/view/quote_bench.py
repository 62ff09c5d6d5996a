"""Quote finders side by side: the table of `quotestance bench-quotes` and its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from quotestance.evaluate.quotes import Measure, QuoteScores

# column -> the measure behind it
COLUMNS: dict[str, Callable[[QuoteScores], Measure]] = {
    "exact F1": lambda s: s["exact"].f1,
    "F1 at 0.3": lambda s: s["overlap 0.3"].f1,
    "F1 at 0.8": lambda s: s["overlap 0.8"].f1,
    "soft F1": lambda s: s["soft"].f1,
    "direct, recall at 0.8": lambda s: s.contents["overlap 0.8"]["direct"].recall,
    "mixed, recall at 0.3": lambda s: s.contents["overlap 0.3"]["mixed"].recall,
    "indirect, recall at 0.3": lambda s: s.contents["overlap 0.3"]["indirect"].recall,
    "source given content": lambda s: s.given["source"],
    "cue given content": lambda s: s.given["cue"],
}


def bench_markdown(scores: Mapping[str, QuoteScores], pace: Mapping[str, float]) -> str:
    """One row a measure, one column a finder; the last row is articles a second. `pace` may name more than `scores`."""
    one = next(iter(scores.values()))
    lines = [
        f"{one.articles} articles, {one.gold} gold quotes; 95 % intervals over articles.",
        "",
        "| | " + " | ".join(pace) + " |",
        "|---" * (len(pace) + 1) + "|",
    ]
    for column, measure in COLUMNS.items():
        cells = [str(measure(scores[name])) if name in scores else "" for name in pace]
        lines.append(f"| {column} | " + " | ".join(cells) + " |")
    lines.append(
        "| quotes found | " + " | ".join(str(scores[name].predicted) if name in scores else "" for name in pace) + " |"
    )
    lines.append("| articles a second | " + " | ".join(f"{value:.1f}" for value in pace.values()) + " |")
    return "\n".join(lines)


def bench_record(gold: str, scores: Mapping[str, QuoteScores], pace: Mapping[str, float]) -> dict[str, Any]:
    """The same with everything that was scored, for a file."""
    return {
        "gold": gold,
        "articles_a_second": {name: round(value, 2) for name, value in pace.items()},
        "finders": {name: one.to_dict() for name, one in scores.items()},
    }
