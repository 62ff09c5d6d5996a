"""The training of a quote finder: windows of articles anew each epoch, the gradients of a step, and what it finds on dev."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from torch import Tensor

from quotestance.data.records import Article
from quotestance.models.learned.crf import LinearChainCRF
from quotestance.models.learned.quote_tagger import LearnedQuoteFinder
from quotestance.models.learned.quote_windows import Window
from quotestance.models.precision import autocast
from quotestance.training.loop import fitting_budget, mask_tokens, token_budget_batches
from quotestance.training.processes import Processes
from quotestance.training.quote_data import Lesson, Teaching, epoch_windows, teaching_of
from quotestance.training.quote_dev import dev_scores
from quotestance.training.quote_loss import losses
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.run import Run

HEADS = ("features", "emit", "fragment", "query", "key", "none", "gap", "link")
SCORES = ("crf", "distance", "other_paragraph")  # single numbers that must become large: ten times as fast again
LOSSES = ("tags", "pointers", "links")


class QuoteTrainer(Run):
    """Trains `finder` in place on `lessons`, as `Run` says. `teacher` is the CRF of the finder that the lessons' emissions are of."""

    recipe: QuoteRecipe

    def __init__(
        self,
        recipe: QuoteRecipe,
        finder: LearnedQuoteFinder,
        lessons: Sequence[Lesson],
        *,
        checkpoint: Path,
        digests: Mapping[str, str],
        teacher: LinearChainCRF | None = None,
    ) -> None:
        self.recipe, self.finder, self.lessons, self.teacher = recipe, finder, lessons, teacher
        self.network = finder.network
        heads, scores = dict.fromkeys(HEADS, recipe.heads_faster), dict.fromkeys(SCORES, 10 * recipe.heads_faster)
        super().__init__(
            finder,
            finder.network,
            faster={**heads, **scores},
            steps=sum(len(self._drawn(epoch)[1]) for epoch in range(recipe.epochs)),
            checkpoint=checkpoint,
            processes=Processes(),
            digests=digests,
            precision=recipe.precision,
        )

    def plan(self) -> Iterator[list[list[list[tuple[Lesson, Window]]]]]:
        """The steps of each epoch, one batch of windows each, drawn when their epoch comes."""
        for epoch in range(self.recipe.epochs):
            windows, batches = self._drawn(epoch)
            yield [[[windows[row] for row in rows]] for rows in batches]

    def _drawn(self, epoch: int) -> tuple[list[tuple[Lesson, Window]], list[list[int]]]:
        """The windows of an epoch and its batches, as their numbers."""
        draw = random.Random(f"{self.recipe.seed}/windows/{epoch}")
        windows = epoch_windows(self.lessons, size=self.recipe.window, draw=draw)
        lengths = [2 + int(one.words.first[w.core_end] - one.words.first[w.core]) for one, w in windows]
        budget = fitting_budget(lengths, self.recipe.batch_tokens, self.recipe.least_steps)
        return windows, token_budget_batches(lengths, budget, self.recipe.seed, epoch)

    def gradients(self, batches: Sequence[Sequence[tuple[Lesson, Window]]], number: int) -> dict[str, float]:
        """The gradients of the step's one batch."""
        [windows] = batches
        parts = self._losses(teaching_of(windows, self.finder.tokenizer, size=self.recipe.window))
        parts.sum().backward()  # type: ignore[no-untyped-call]
        return dict(zip(LOSSES, parts.detach().tolist(), strict=True))

    def _losses(self, teaching: Teaching) -> Tensor:
        batch = teaching.batch
        mask_tokens(batch.ids, self.finder.tokenizer, self.recipe.token_dropout, among=batch.mask == 1)
        device = self.finder.device
        moved = Teaching(batch.to(device), *(getattr(teaching, name).to(device) for name in _tensors(teaching)))
        with autocast(self.precision, device, training=True):
            vectors = self.network.word_vectors(moved.batch)
        return losses(self.network, vectors, moved, self.teacher, self.recipe.teacher_weight)

    def scores(self, dev: Sequence[Article]) -> dict[str, float]:
        """What the finder finds in dev, in brief."""
        return dev_scores(self.finder, dev)


def _tensors(teaching: Teaching) -> list[str]:
    return [name for name in teaching.__dataclass_fields__ if name != "batch"]
