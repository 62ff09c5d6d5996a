"""The network of the quote finder: an encoder with features, tags by a CRF, pointers from a content to its cue and source, links.

Words are flat: a batch of windows gives (words, width) vectors, and so does an article when its windows are put together again.
Everything behind the encoder works on such vectors and does not know of windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from quotestance.models.learned.crf import LinearChainCRF
from quotestance.models.learned.quote_windows import FEATURES, Ints, Window, Words, window_tokens

ROLES = ("content", "source", "cue")
BEGIN, INSIDE, END, SINGLE = range(4)
OUTSIDE = 0
TAGS = 1 + 4 * len(ROLES)
POINTED = ("source", "cue")
ENDS = 2  # a pointer points at a first and at a last word
WIDTH = 256
KEY = 96
GAPS = (0, 1, 2, 3, 5, 8, 13, 21, 34)  # words between two fragments, in steps


def tag(role: str, part: int) -> int:
    """The number of a tag: `tag("source", BEGIN)`."""
    return 1 + 4 * ROLES.index(role) + part


def tag_rules() -> tuple[Tensor, Tensor, Tensor]:
    """Which tag may follow which, which may come first, which last."""
    opens = torch.tensor([t == OUTSIDE or (t - 1) % 4 in (BEGIN, SINGLE) for t in range(TAGS)])
    closes = torch.tensor([t == OUTSIDE or (t - 1) % 4 in (END, SINGLE) for t in range(TAGS)])
    allowed = closes[:, None] & opens[None, :]
    for role in ROLES:
        for before in (BEGIN, INSIDE):
            for after in (INSIDE, END):
                allowed[tag(role, before), tag(role, after)] = True
    return allowed, opens, closes


@dataclass(frozen=True)
class Batch:
    """Windows padded to one length: `ids`, `mask` (rows, tokens), `features` (rows, tokens, kinds), and the place of each core
    word's first token, `row` and `column` (words,), in the order of windows and words."""

    ids: Tensor
    mask: Tensor
    features: Tensor
    row: Tensor
    column: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, name).to(device) for name in ("ids", "mask", "features", "row", "column")))


def batch_of(windows: Sequence[tuple[Words, Window]], tokenizer: Any, *, size: int) -> Batch:
    """Windows of any articles, each between the tokenizer's marks of beginning and end."""
    read = [window_tokens(words, window, size=size) for words, window in windows]
    longest = 2 + max(len(tokens) for tokens, _ in read)
    ids = np.full((len(read), longest), tokenizer.pad_token_id or 0, np.int64)
    mask = np.zeros((len(read), longest), np.int64)
    features = np.zeros((len(read), longest, len(FEATURES)), np.int64)
    rows: list[Ints] = []
    columns: list[Ints] = []
    for number, ((words, window), (tokens, owner)) in enumerate(zip(windows, read, strict=True)):
        ids[number, 0], ids[number, 1 + len(tokens)] = tokenizer.cls_token_id, tokenizer.sep_token_id
        ids[number, 1 : 1 + len(tokens)] = tokens
        mask[number, : 2 + len(tokens)] = 1
        features[number, 1 : 1 + len(tokens)] = words.features[owner]
        first = 1 + np.searchsorted(owner, np.arange(window.core, window.core_end))
        columns.append(np.minimum(first, len(tokens)))
        rows.append(np.full(window.core_end - window.core, number, np.int64))
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(mask),
        torch.from_numpy(features),
        torch.from_numpy(np.concatenate(rows)),
        torch.from_numpy(np.concatenate(columns)),
    )


@dataclass(frozen=True)
class Fragments:
    """Pieces of contents among flat words: `start`, `end` (half-open), and the words `low` to `high` that it may point at; all (f,)."""

    start: Tensor
    end: Tensor
    low: Tensor
    high: Tensor

    def __len__(self) -> int:
        return len(self.start)


class QuoteNetwork(nn.Module):
    """`encoder`: any of transformers that takes `inputs_embeds`. `reach`: how many words before and behind a content are pointed at."""

    def __init__(self, encoder: Any, *, reach: int = 64) -> None:
        super().__init__()
        hidden = int(encoder.config.hidden_size)
        self.encoder, self.reach = encoder, reach
        width = int(encoder.get_input_embeddings().embedding_dim)  # of ELECTRA's small models another than `hidden`
        self.features = nn.ModuleDict({name: nn.Embedding(many, width) for name, many in FEATURES.items()})
        for embedding in self.features.values():
            nn.init.zeros_(embedding.weight)  # type: ignore[arg-type]  # so that the encoder starts as it was trained
        self.emit = nn.Sequential(nn.Linear(3 * hidden, WIDTH), nn.GELU(), nn.Linear(WIDTH, TAGS))
        self.crf = LinearChainCRF(*tag_rules())
        self.fragment = nn.Sequential(nn.Linear(5 * hidden, WIDTH), nn.GELU())
        pointers = len(POINTED) * ENDS
        self.query = nn.Linear(WIDTH, pointers * KEY)
        self.key = nn.Linear(hidden, pointers * KEY)
        self.none = nn.Linear(WIDTH, pointers)
        near = -torch.arange(1, reach + 1).log()  # most sources and cues stand beside their content
        self.distance = nn.Parameter(torch.cat([near.flip(0), near])[:, None].repeat(1, pointers))
        self.other_paragraph = nn.Parameter(torch.zeros(pointers))
        self.gap = nn.Embedding(len(GAPS) + 1, WIDTH)
        self.link = nn.Sequential(nn.Linear(3 * WIDTH + hidden, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))

    def word_vectors(self, batch: Batch) -> Tensor:
        """One vector a core word, (words, hidden)."""
        embedded = self.encoder.get_input_embeddings()(batch.ids)
        for column, embedding in enumerate(self.features.values()):
            embedded = embedded + embedding(batch.features[:, :, column])
        read = self.encoder(inputs_embeds=embedded, attention_mask=batch.mask).last_hidden_state
        vectors: Tensor = read[batch.row, batch.column].float()
        return vectors

    def emissions(self, vectors: Tensor, same: Tensor) -> Tensor:
        """Scores of tags, (words, tags). `same` (words,): whether a word is of the paragraph of the one before."""
        before = torch.cat([torch.zeros_like(vectors[:1]), vectors[:-1]]) * same[:, None]
        joined = torch.cat([same[1:], same[:1] * 0])
        behind = torch.cat([vectors[1:], torch.zeros_like(vectors[:1])]) * joined[:, None]
        scores: Tensor = self.emit(torch.cat([vectors, before, behind], 1))
        return scores.float()

    def fragment_vectors(self, vectors: Tensor, fragments: Fragments) -> Tensor:
        """One vector a fragment: its first and last word, its mean, the words beside it."""
        last = len(vectors) - 1
        sides = [
            vectors[fragments.start],
            vectors[fragments.end - 1],
            _means(vectors, fragments.start, fragments.end),
            vectors[(fragments.start - 1).clamp(min=0)],
            vectors[fragments.end.clamp(max=last)],
        ]
        made: Tensor = self.fragment(torch.cat(sides, 1))
        return made

    def pointers(
        self, vectors: Tensor, fragment_vectors: Tensor, fragments: Fragments, paragraph: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Scores (fragments, pointers, 1 + candidates) and the candidates' words (fragments, candidates).

        Pointers are first and last word of the source, then of the cue. The first score is that of "none". Candidates are
        the `reach` words before a fragment and those behind it; such as lie outside `low` and `high` score next to nothing.
        """
        offsets = torch.arange(self.reach, device=vectors.device)
        places = torch.cat([fragments.start[:, None] - self.reach + offsets, fragments.end[:, None] + offsets], 1)
        there = (places >= fragments.low[:, None]) & (places < fragments.high[:, None])
        places = places.clamp(0, len(vectors) - 1)
        many = len(POINTED) * ENDS
        query = self.query(fragment_vectors).view(-1, many, KEY)
        keys = self.key(vectors)[places].view(*places.shape, many, KEY)
        scores = torch.einsum("fpk,fcpk->fpc", query.float(), keys.float()) * KEY**-0.5
        scores = scores + self.distance.T[None]
        elsewhere = paragraph[places] != paragraph[fragments.start][:, None]
        scores = scores + elsewhere[:, None, :] * self.other_paragraph[None, :, None]
        scores = scores.masked_fill(~there[:, None, :], -1e4)
        return torch.cat([self.none(fragment_vectors).float().unsqueeze(2), scores], 2), places

    def links(
        self, vectors: Tensor, fragment_vectors: Tensor, fragments: Fragments, one: Tensor, other: Tensor
    ) -> Tensor:
        """Logits, (pairs,), that fragment `other` goes on with what fragment `one` before it says."""
        begin, finish = fragments.end[one], torch.maximum(fragments.start[other], fragments.end[one])
        between = _means(vectors, begin, finish)
        steps = torch.tensor(GAPS, device=vectors.device)
        gap = self.gap(torch.bucketize(finish - begin, steps))
        logits: Tensor = self.link(torch.cat([fragment_vectors[one], fragment_vectors[other], gap, between], 1))
        return logits.squeeze(1).float()


def _means(vectors: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """The mean of the words `start` to `end`; zeros where there are none."""
    sums = torch.cat([torch.zeros_like(vectors[:1]), vectors.cumsum(0)])
    return (sums[end] - sums[start]) / (end - start).clamp(min=1)[:, None]
