"""DSE, "Who Blames or Endorses Whom": news sentences with two entities and the direction of sentiment (Park et al., ACL 2021).

Each sentence gives the question: where does the first entity stand toward the second, or the second toward the first?
The asked-about direction becomes speaker and target. The 400 test sentences that also stand in train are dropped
from train and dev, as are repeats inside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from quotestance.data.corpora import corpus_file
from quotestance.data.pairs import Pair

FILES = {"train": "train.txt", "dev": "valid.txt", "test": "test.txt"}
# class -> (label, does the sentiment go from the first entity to the second?)
CLASSES = {
    "0": ("neutral", True),
    "1": ("favor", True),
    "2": ("favor", False),
    "3": ("against", True),
    "4": ("against", False),
}
BRACKETS = re.compile(r"[\[\]]")


def read(root: Path, split: str) -> Iterator[Pair]:
    """The pairs of a split, in file order: speaker and target are the two entities in the direction of the sentiment."""
    held_out = set() if split == "test" else {_sentence(line) for line in _lines(root, "test")}
    seen: set[str] = set()
    for number, line in enumerate(_lines(root, split)):
        marked, first, second, number_of_class = line.rsplit("\t", 3)
        question = "\t".join((marked, first, second))
        if split != "test" and (question in seen or _sentence(line) in held_out):
            continue
        seen.add(question)
        label, forward = CLASSES[number_of_class.strip()]
        speaker, target = (first, second) if forward else (second, first)
        text, places = _without_brackets(marked)
        mention = places[1 if forward else 0] if len(places) == 2 else None
        yield Pair(
            id=f"dse/{split}#{number}",
            text=text,
            target=target,
            speaker=speaker,
            label=label,
            group=text,
            mention=mention,
            corpus="dse",
        )


def _lines(root: Path, split: str) -> list[str]:
    return [
        line for line in corpus_file(root, "dse", FILES[split]).read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def _sentence(line: str) -> str:
    return " ".join(BRACKETS.sub("", line.rsplit("\t", 3)[0]).casefold().split())


def _without_brackets(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The sentence without its brackets, and where the bracketed entities stand in it."""
    text, places, start = "", [], None
    for character in marked:
        if character == "[":
            start = len(text)
        elif character == "]" and start is not None:
            places.append((start, len(text)))
            start = None
        else:
            text += character
    return text, places
