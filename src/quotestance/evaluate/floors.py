"""Measured scores against pinned ones: a fall beyond the stated margin fails, and lowering a pin takes a flag.

`evaluate/floors.json` pins, for a named model on a named gold, each score with the digests of the gold and of the
weights that it was measured with. This module knows no model: the measured scores are passed in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from quotestance.data.atomic import write_text
from quotestance.data.errors import QuotestanceError

MARGIN = 0.005  # below a floor by less than this is noise of hardware and library versions
PLACES = 4  # floors are written with that many decimals, rounded down
WHOLE_SCORES = ("macro_f1", "accuracy", "semeval_favg")  # keys of report.json that are pinned
PER_LABEL_SCORES = ("f1", "recall")  # and of its per_label.<label>


class FloorError(QuotestanceError):
    """Floors that cannot be read, or that would be lowered without being told to."""


@dataclass(frozen=True)
class Measured:
    """The scores of one model on one gold, by name: 'macro_f1', 'favor.f1', … With the digests of weights and gold."""

    model: str
    weights: str
    gold: str
    gold_digest: str
    n: int
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Floors:
    """What is pinned, and how far below a pin a score may fall."""

    pinned: tuple[Measured, ...] = ()
    margin: float = MARGIN

    @classmethod
    def read(cls, path: str | Path) -> Floors:
        """Floors of a file. Raises FloorError where it is not one."""
        try:
            held: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(tuple(Measured(**one) for one in held["floors"]), float(held["margin"]))
        except FileNotFoundError:
            raise FloorError(
                f"There is no {path}. The project's own is in its repository: be there, or make one with "
                "'quotestance floors --update --gold GOLD'."
            ) from None
        except (json.JSONDecodeError, KeyError, TypeError) as problem:
            raise FloorError(
                f"{path} is not a file of floors ({problem!r}). 'quotestance floors --update' writes them."
            ) from None

    def write(self, path: str | Path) -> None:
        """Write the file, models and golds in alphabetical order."""
        rows = [asdict(one) for one in sorted(self.pinned, key=lambda one: (one.model, one.gold))]
        write_text(path, json.dumps({"margin": self.margin, "floors": rows}, indent=1, ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class Fall:
    """A pinned score that is not reached (`measured` None: not measured at all), and why that counts."""

    model: str
    gold: str
    score: str
    floor: float
    measured: float | None
    reason: str = field(default="")

    def __str__(self) -> str:
        now = "not measured" if self.measured is None else f"{self.measured:.4f}"
        by = "" if self.measured is None else f" ({self.measured - self.floor:+.4f})"
        why = f"; {self.reason}" if self.reason else ""
        return f"{self.model} on {self.gold}: {self.score} was {self.floor:.4f}, is {now}{by}{why}"


def check_floors(measured: Iterable[Measured], floors: Floors) -> list[Fall]:
    """Every pinned score that is now more than the margin lower, not measured, or measured on another gold.

    New weights are no fall: their scores count. What has no pin is no fall either (`unpinned` lists it).
    """
    now = {(one.model, one.gold): one for one in measured}
    falls: list[Fall] = []
    for pin in floors.pinned:
        found = now.get((pin.model, pin.gold))
        if found is not None and found.gold_digest != pin.gold_digest:
            digests = f"{pin.gold_digest[:12]} → {found.gold_digest[:12]}"
            reason = f"the gold has changed (digest {digests}), so the floor says nothing"
            falls += [
                Fall(pin.model, pin.gold, name, value, found.scores.get(name), reason)
                for name, value in pin.scores.items()
            ]
            continue
        for name, value in pin.scores.items():
            score = None if found is None else found.scores.get(name)
            if score is None or score < value - floors.margin:
                falls.append(Fall(pin.model, pin.gold, name, value, score))
    return falls


def unpinned(measured: Iterable[Measured], floors: Floors) -> list[Measured]:
    """What was measured and has no floor yet."""
    pinned = {(one.model, one.gold) for one in floors.pinned}
    return [one for one in measured if (one.model, one.gold) not in pinned]


def update_floors(
    floors: Floors, measured: Sequence[Measured], *, allow_lower: bool = False
) -> tuple[Floors, list[Fall]]:
    """The floors raised to what was measured, and new ones added; those of what was not measured stay.

    A score that is lower, but within the margin, keeps its floor: small falls don't add up. One that fell beyond the
    margin, or was measured on another gold, raises FloorError that lists the falls; with `allow_lower` it becomes the
    new floor, and the falls are returned.
    """
    golds = {(one.model, one.gold) for one in measured}
    falls = [fall for fall in check_floors(measured, floors) if (fall.model, fall.gold) in golds]
    if falls and not allow_lower:
        raise FloorError(
            "These floors would be lowered; say so with --lower if that is meant:\n"
            + "\n".join(f"  {fall}" for fall in falls)
        )
    fallen = {(fall.model, fall.gold, fall.score) for fall in falls}
    pinned = {(one.model, one.gold): one for one in floors.pinned}
    for one in measured:
        old = pinned.get((one.model, one.gold))
        scores = {
            name: _down(value)
            if old is None or (one.model, one.gold, name) in fallen
            else max(_down(value), old.scores.get(name, 0.0))
            for name, value in one.scores.items()
        }
        pinned[one.model, one.gold] = Measured(one.model, one.weights, one.gold, one.gold_digest, one.n, scores)
    return Floors(tuple(pinned.values()), floors.margin), falls


def report_scores(report: Mapping[str, Any]) -> dict[str, float]:
    """The scores of a `report.json` that are worth a floor, by name. Undefined ones (no such label) are left out."""
    named: dict[str, Any] = {name: report.get(name) for name in WHOLE_SCORES}
    for label, scores in report.get("per_label", {}).items():
        named |= {f"{label}.{name}": scores.get(name) for name in PER_LABEL_SCORES}
    values = {name: score.get("value") if isinstance(score, Mapping) else score for name, score in named.items()}
    return {name: float(value) for name, value in values.items() if value is not None}


def _down(value: float) -> float:
    return math.floor(value * float(10**PLACES) + 1e-9) / float(10**PLACES)
