"""Articles with quotes into what the quote network is taught: windows with tags, fragments with source and cue, links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from quotestance.data.records import Article
from quotestance.models.learned.quote_network import ENDS, POINTED, TAGS, Batch, batch_of
from quotestance.models.learned.quote_pointers import NO_PLACE, Place
from quotestance.models.learned.quote_tagger import paragraph_grid
from quotestance.models.learned.quote_tags import tags_of_spans
from quotestance.models.learned.quote_windows import Window, Words, windows_of, word_span, words_of
from quotestance.training.recipe import RecipeError

IGNORED = -100


@dataclass(frozen=True, eq=False)
class Lesson:
    """An article's words with everything that is known of them.

    `contents`: fragments in the order of the text; `quote`: the number of each one's quote; `source`, `cue`: what it should point at,
    in words, NO_PLACE for none. `taught` (words, tags): a teacher's emissions, if there is one.
    """

    words: Words
    contents: list[Place]
    quote: list[int]
    source: list[Place]
    cue: list[Place]
    taught: Tensor | None = None


def lesson_of(article: Article, tokenizer: Any, taught: Tensor | None = None) -> Lesson:
    """What an article teaches. Its text must be there (`join_text`). Raises RecipeError for a teacher that sees other words."""
    words = words_of(article.text or "", tokenizer)
    if taught is not None and len(taught) != len(words):
        raise RecipeError(
            f"Article {article.id}: the teacher splits it into {len(taught)} words, the recipe's encoder into {len(words)}. "
            "Take a teacher whose tokenizer splits words as that of `start` does (BERT, MPNet and ELECTRA agree)."
        )
    rows: list[tuple[Place, int, Place, Place]] = []
    for number, quote in enumerate(article.quotes):
        source, cue = (
            (word_span(words, mention.start, mention.end) if mention else None) or NO_PLACE
            for mention in (quote.speaker.mention, quote.cue)
        )
        for span in quote.spans:
            place = word_span(words, span.start, span.end)
            if place is not None:
                rows.append((place, number, source, cue))
    rows.sort(key=lambda row: row[0])
    contents = [place for place, *_ in rows]
    return Lesson(words, contents, [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows], taught)


@dataclass(frozen=True)
class Teaching:
    """A batch with its answers, over the flat words of its windows.

    `grid`, `in_paragraph` (paragraphs, longest); `tags` (words,); `same`, `paragraph` (words,); fragments `start`, `end`, `low`, `high` (f,);
    `pointed` (f, pointers): words, -1 for none, IGNORED for what lies outside the window; `one`, `other`, `linked` (pairs,);
    `taught` (words, tags): a teacher's emissions; (0, tags) without a teacher.
    """

    batch: Batch
    grid: Tensor
    in_paragraph: Tensor
    tags: Tensor
    same: Tensor
    paragraph: Tensor
    start: Tensor
    end: Tensor
    low: Tensor
    high: Tensor
    pointed: Tensor
    one: Tensor
    other: Tensor
    linked: Tensor
    taught: Tensor


def epoch_windows(lessons: Sequence[Lesson], *, size: int, draw: Any) -> list[tuple[Lesson, Window]]:
    """Windows without overlap over all articles, cut elsewhere each time; `draw` is a random.Random."""
    return [
        (lesson, window)
        for lesson in lessons
        for window in windows_of(lesson.words, size=size - 2, context=0, shift=draw.randrange(size // 2))
    ]


def teaching_of(windows: Sequence[tuple[Lesson, Window]], tokenizer: Any, *, size: int) -> Teaching:
    """Windows and their answers as one batch. A fragment that a window's end cuts is taught as far as it stands in it."""
    batch = batch_of([(lesson.words, window) for lesson, window in windows], tokenizer, size=size - 2)
    tags: list[NDArray[np.int64]] = []
    paragraphs: list[NDArray[np.int64]] = []
    fragments: list[tuple[int, int, int, int]] = []
    pointed: list[list[int]] = []
    pairs: list[tuple[int, int, float]] = []
    taught: list[Tensor] = [torch.empty(0, TAGS)]
    offset, many_paragraphs = 0, 0
    for lesson, window in windows:
        low, high = window.core, window.core_end
        inside = [number for number, (a, b) in enumerate(lesson.contents) if a < high and b > low]
        first_fragment = len(fragments)
        for number in inside:
            a, b = lesson.contents[number]
            fragments.append((max(a, low) - low + offset, min(b, high) - low + offset, offset, offset + high - low))
            pointed.append(
                [word for role in POINTED for word in _ends(getattr(lesson, role)[number], low, high, offset)]
            )
        for place in range(1, len(inside)):
            linked = lesson.quote[inside[place]] == lesson.quote[inside[place - 1]]
            pairs.append((first_fragment + place - 1, first_fragment + place, float(linked)))
        tags.append(_window_tags(lesson, low, high))
        if lesson.taught is not None:
            taught.append(lesson.taught[low:high].float())
        numbers = lesson.words.paragraph[low:high]
        paragraphs.append(numbers - numbers[0] + many_paragraphs)
        many_paragraphs += int(numbers[-1] - numbers[0]) + 1
        offset += high - low
    paragraph = np.concatenate(paragraphs)
    grid, mask = paragraph_grid(paragraph)
    same = np.concatenate([[False], paragraph[1:] == paragraph[:-1]])
    ends = torch.tensor(fragments, dtype=torch.int64).reshape(-1, 4)
    pair = torch.tensor(pairs, dtype=torch.float32).reshape(-1, 3)
    return Teaching(
        batch=batch,
        grid=torch.from_numpy(grid),
        in_paragraph=torch.from_numpy(mask),
        tags=torch.from_numpy(np.concatenate(tags)),
        same=torch.from_numpy(same.astype(np.float32)),
        paragraph=torch.from_numpy(paragraph),
        start=ends[:, 0],
        end=ends[:, 1],
        low=ends[:, 2],
        high=ends[:, 3],
        pointed=torch.tensor(pointed, dtype=torch.int64).reshape(-1, len(POINTED) * ENDS),
        one=pair[:, 0].long(),
        other=pair[:, 1].long(),
        linked=pair[:, 2],
        taught=torch.cat(taught),
    )


def _ends(place: Place, low: int, high: int, offset: int) -> tuple[int, int]:
    if place == NO_PLACE:
        return -1, -1
    if place[0] < low or place[1] > high:
        return IGNORED, IGNORED
    return place[0] - low + offset, place[1] - 1 - low + offset


def _window_tags(lesson: Lesson, low: int, high: int) -> NDArray[np.int64]:
    """The tags of the window's words, spans cut at its ends and at the ends of paragraphs, where decoding cuts too."""
    starts = np.flatnonzero(np.diff(lesson.words.paragraph[low:high])) + 1 + low
    borders = [low, *starts.tolist(), high]
    spans: dict[str, list[Place]] = {"content": [], "source": [], "cue": []}
    for role, places in {"content": lesson.contents, "source": lesson.source, "cue": lesson.cue}.items():
        for place in dict.fromkeys(places):
            if place != NO_PLACE and place[0] < high and place[1] > low:
                spans[role] += _cut(*place, borders)
    return tags_of_spans(high - low, {role: [(a - low, b - low) for a, b in places] for role, places in spans.items()})


def _cut(start: int, end: int, borders: list[int]) -> list[Place]:
    return [(max(start, a), min(end, b)) for a, b in pairwise(borders) if max(start, a) < min(end, b)]
