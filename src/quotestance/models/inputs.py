"""Pairs into what the stance model sees. The one place where that is decided, for training and inference alike.

    <cls> target [SPEAKER] speaker <sep> … context [QUOTE] quote [/QUOTE] context … <sep>

The quote and the target are never cut while the encoder has places for them (a target or speaker may take a quarter
of these, 128 of 512); context fills what room is left, half before and half after. A text
without a marked quote stands whole. Where the target is a mention in the text, it is marked [TARGET] … [/TARGET];
with `mark_target` so is the first place of the quote that names it.
Markers are token ids of their own: the same letters inside an article stay ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.data.pairs import Pair

SPEAKER, QUOTE, END_QUOTE, MENTION, END_MENTION = "[SPEAKER]", "[QUOTE]", "[/QUOTE]", "[TARGET]", "[/TARGET]"
MARKERS = (SPEAKER, QUOTE, END_QUOTE, MENTION, END_MENTION)
TEXTS_A_BATCH = 256  # articles tokenised at a time

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class InputOptions:
    """How pairs become inputs; saved with the model, so that it is always asked as it was taught.

    `context`: tokens around the quote, on each side. `max_length`: tokens in all, above which context is given up
    (but never the quote: that is cut only at `limit`, the encoder's own). `speaker`: is the speaker's name shown?
    `mark_target`: is the first place marked where the quote has the target's name or an alias?
    """

    context: int = 40
    max_length: int = 192
    limit: int = 512
    speaker: bool = True
    mark_target: bool = False


@dataclass(frozen=True)
class Encoded:
    """One input: token ids and segment ids, both of shape (length,), and whether words of quote, target or speaker were cut."""

    ids: Ids
    segments: Ids
    cut: bool

    def __len__(self) -> int:
        return len(self.ids)


class PairInputs:
    """Encodes pairs with a fast tokenizer of transformers that has the markers (`add_markers`)."""

    def __init__(self, tokenizer: Any, options: InputOptions) -> None:
        self.tokenizer, self.options = tokenizer, options
        self.name_tokens = options.limit // 4  # of a target or speaker; the rest of a longer one is cut and counted
        self.marker = {name: tokenizer.convert_tokens_to_ids(name) for name in MARKERS}
        self.before, self.between, self.after = _template(tokenizer)
        self.has_segments = "token_type_ids" in tokenizer.model_input_names
        self.backend = tokenizer.backend_tokenizer
        self.backend.no_padding()
        self.backend.no_truncation()
        self.backend.encode_special_tokens = True  # "[SEP]" in an article is three letters and two brackets

    def encode(self, pairs: Sequence[Pair]) -> list[Encoded]:
        """One `Encoded` a pair, in order. Each different text, target and speaker is tokenised once a call."""
        return list(self.stream(pairs))

    def stream(self, pairs: Sequence[Pair]) -> Iterator[Encoded]:
        """Like `encode`, holding the tokens of few texts at a time. Pairs of one text should stand together."""
        names = self._tokenised(
            sorted({pair.target for pair in pairs} | {pair.speaker for pair in pairs if pair.speaker})
        )
        start = 0
        while start < len(pairs):
            batch: dict[str, None] = {}
            end = start
            while end < len(pairs) and (len(batch) < TEXTS_A_BATCH or pairs[end].text in batch):
                batch[pairs[end].text] = None
                end += 1
            texts = self._tokenised(list(batch))
            for pair in pairs[start:end]:
                yield self._encoded(pair, texts[pair.text], names)
            start = end

    def _tokenised(self, texts: list[str]) -> dict[str, tuple[Ids, NDArray[np.int64]]]:
        """Token ids (n,) and character offsets (n, 2) of each text."""
        if not texts:
            return {}
        encodings = self.backend.encode_batch(texts, add_special_tokens=False)
        return {
            text: (np.asarray(one.ids, np.int32), np.asarray(one.offsets, np.int64).reshape(-1, 2))
            for text, one in zip(texts, encodings, strict=True)
        }

    def _encoded(self, pair: Pair, tokens: tuple[Ids, NDArray[np.int64]], names: dict[str, tuple[Ids, Any]]) -> Encoded:
        target = names[pair.target][0]
        speaker = names[pair.speaker][0] if pair.speaker and self.options.speaker else np.empty(0, np.int32)
        cut = max(len(target), len(speaker)) > self.name_tokens
        first = list(target[: self.name_tokens])
        if len(speaker):
            first += [self.marker[SPEAKER], *speaker[: self.name_tokens]]
        frame = len(self.before) + len(self.between) + len(self.after) + len(first)
        second, text_cut = self._passage(
            pair, *tokens, room=self.options.max_length - frame, limit=self.options.limit - frame
        )
        ids = np.asarray([*self.before, *first, *self.between, *second, *self.after], np.int32)
        segments = np.zeros(len(ids), np.int32)
        if self.has_segments:
            segments[len(self.before) + len(first) + len(self.between) :] = 1
        return Encoded(ids, segments, cut or text_cut)

    def _passage(
        self, pair: Pair, ids: Ids, offsets: NDArray[np.int64], *, room: int, limit: int
    ) -> tuple[list[int], bool]:
        """The tokens of quote and context with their marks, and whether the quote itself had to be cut."""
        quote = [_token_range(offsets, *span) for span in pair.quote]
        kept = np.zeros(len(ids), bool) if quote else np.ones(len(ids), bool)
        for start, end in quote:
            kept[start:end] = True
        if quote:
            spare = max(0, room - int(kept.sum()) - 2 * len(quote))
            _keep_context(kept, quote, each_side=min(self.options.context, spare // (2 * len(quote))))
        marks = [(start, end, QUOTE, END_QUOTE) for start, end in quote]
        mention = pair.mention or (_first_named(pair) if self.options.mark_target else None)
        if mention:
            marks.append((*_token_range(offsets, *mention), MENTION, END_MENTION))
        marks = [mark for mark in marks if mark[0] < mark[1] and kept[mark[0]] and kept[mark[1] - 1]]
        before: dict[int, list[int]] = {}
        behind: dict[int, list[int]] = {}
        for start, _, opens, _ in marks:
            before.setdefault(start, []).append(self.marker[opens])
        for _, end, _, closes in reversed(marks):  # a mention that ends with its quote is closed first
            behind.setdefault(end - 1, []).append(self.marker[closes])
        passage: list[int] = []
        for position, token in zip(np.flatnonzero(kept).tolist(), ids[kept].tolist(), strict=True):
            if position in before:
                passage += before[position]
            passage.append(token)
            if position in behind:
                passage += behind[position]
        return passage[:limit], len(passage) > limit


def add_markers(tokenizer: Any, model: Any) -> None:
    """Give tokenizer and model the markers; a new marker starts as the mean of the embeddings of its word's tokens."""
    words = {SPEAKER: "speaker", QUOTE: "quote", END_QUOTE: "quote", MENTION: "target", END_MENTION: "target"}
    new = [marker for marker in MARKERS if marker not in tokenizer.get_vocab()]
    if not new:
        return
    pieces = {marker: tokenizer(words[marker], add_special_tokens=False)["input_ids"] for marker in new}
    tokenizer.add_special_tokens({"additional_special_tokens": new})
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    weights = model.get_input_embeddings().weight.data
    for marker in new:
        weights[tokenizer.convert_tokens_to_ids(marker)] = weights[pieces[marker]].mean(0)


def _first_named(pair: Pair) -> tuple[int, int] | None:
    """The characters of the first place in the quote that has the target's name, else an alias, as words of their own.

    A person's last name is one of its aliases.
    """
    surname = pair.target.split()[-1:] if pair.target_kind == "person" else []
    for name in (pair.target, *pair.aliases, *surname):
        wanted = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        for start, end in pair.quote or ((0, len(pair.text)),):
            if found := wanted.search(pair.text, start, end):
                return found.span()
    return None


def _template(tokenizer: Any) -> tuple[list[int], list[int], list[int]]:
    """The special tokens before, between and after two segments, read off the tokenizer: BERT and RoBERTa differ."""
    first, second = (tokenizer(word, add_special_tokens=False)["input_ids"] for word in ("one", "two"))
    whole: list[int] = tokenizer("one", "two")["input_ids"]
    starts = [i for i in range(len(whole)) if whole[i : i + len(first)] == first]
    ends = [i for i in range(len(whole)) if whole[i : i + len(second)] == second]
    start, end = starts[0], ends[-1]
    return whole[:start], whole[start + len(first) : end], whole[end + len(second) :]


def _token_range(offsets: NDArray[np.int64], start: int, end: int) -> tuple[int, int]:
    """The half-open range of tokens that touch characters start..end."""
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], end, side="left"))
    return first, max(first, last)


def _keep_context(kept: NDArray[np.bool_], quote: list[tuple[int, int]], *, each_side: int) -> None:
    """Mark up to `each_side` tokens before and after every part of the quote; what stands between close parts is kept whole."""
    for start, end in quote:
        kept[max(0, start - each_side) : start] = True
        kept[end : end + each_side] = True
    for (_, end), (start, _) in pairwise(sorted(quote)):
        if 0 < start - end <= 2:
            kept[end:start] = True
