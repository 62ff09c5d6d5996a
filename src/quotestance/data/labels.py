"""The labels of a corpus, declared once and listed whenever one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from quotestance.data.errors import LabelError

UNCLEAR = "unclear"  # allowed in gold, left out of training and scoring; also what abstaining predicts


@dataclass(frozen=True)
class LabelSet:
    """An ordered set of stance labels. The order is that of probability columns everywhere."""

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.names) < 2 or len(set(self.names)) != len(self.names):
            raise LabelError(f"A label set needs two or more different labels; this one has: {', '.join(self.names)}.")
        if UNCLEAR in self.names:
            raise LabelError("'unclear' is always allowed in gold and is never scored; leave it out of the label set.")

    @classmethod
    def written(cls, names: str) -> LabelSet:
        """The set that is written with commas: `pro, con, none`."""
        return cls(tuple(name.strip() for name in names.split(",") if name.strip()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, label: object) -> bool:
        return label in self.names

    def index(self, label: str) -> int:
        """The column of `label`. Raises LabelError where the set does not have it."""
        self.check(label)
        return self.names.index(label)

    def check(self, label: str, *, where: str = "") -> None:
        """Refuse a label that is neither in the set nor 'unclear'."""
        if label not in self.names and label != UNCLEAR:
            place = f"{where}: " if where else ""
            owner = "The codebook" if self == CODEBOOK else "The declared label set"
            meant = self._meant(label)
            hint = f" Did you mean '{meant}'?" if meant else ""
            raise LabelError(f"{place}Unknown label '{label}'. {owner} has: {', '.join(self.names)}.{hint}")

    def _meant(self, label: str) -> str | None:
        """The label that differs in capitals, white space or a letter: 'favor' for 'Favour'."""
        by_folded = {name.casefold(): name for name in (*self.names, UNCLEAR)}
        alike = get_close_matches(label.strip().casefold(), by_folded, n=1, cutoff=0.8)
        return by_folded[alike[0]] if alike else None


CODEBOOK = LabelSet(("favor", "against", "neutral"))
