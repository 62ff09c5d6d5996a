"""Labels of a material's own under the names of a label set: pro, con, none as favor, against, neutral."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from quotestance.data.errors import LabelError
from quotestance.data.labels import UNCLEAR, LabelSet
from quotestance.data.pairs import Pair


def written_map(text: str) -> dict[str, str]:
    """The map that is written `pro=favor,con=against,none=` (nothing behind the sign: such pairs are left out). Raises LabelError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or any("=" not in part for part in parts):
        raise LabelError(f"A label map is written pro=favor,con=against,none=neutral, not '{text}'.")
    return {theirs.strip(): ours.strip() for theirs, _, ours in (part.rpartition("=") for part in parts)}


def mapped(pairs: Iterable[Pair], label_map: Mapping[str, str], labels: LabelSet, name: str) -> list[Pair]:
    """The pairs under the labels of the set; 'unclear' and what is mapped to '' become pairs without one.

    Labels of the set that the map does not name stay as they are. `name` is what errors call the material. Raises
    LabelError for a label that neither the map nor the set has, and for a map to one that the set has not.
    """
    known = ", ".join(labels)
    if unknown := sorted({label for label in label_map.values() if label} - set(labels)):
        raise LabelError(f"label_map of {name} maps to {', '.join(unknown)}; the labels are {known}.")
    names = {UNCLEAR: "", **{label: label for label in labels}, **label_map}
    given = list(pairs)
    if unknown := sorted({pair.label for pair in given if pair.label} - set(names)):
        raise LabelError(
            f"{name} has labels that label_map does not name: {', '.join(unknown)}. Map each to one of: {known}, or to ''."
        )
    return [replace(pair, label=names[pair.label] or None) if pair.label else pair for pair in given]
