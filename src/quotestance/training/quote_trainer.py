"""The training loop of a quote finder and its state: weights, optimizer, their moving average, and how far it has come."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from quotestance.data.records import Article
from quotestance.models.learned.crf import LinearChainCRF
from quotestance.models.learned.quote_tagger import LearnedQuoteFinder
from quotestance.models.learned.quote_windows import Window
from quotestance.models.precision import autocast, chosen
from quotestance.training.loop import (
    WeightAverage,
    fused_adamw,
    load_checkpoint,
    mask_tokens,
    save_checkpoint,
    set_rate,
    share_of_peak,
    token_budget_batches,
)
from quotestance.training.quote_data import Lesson, Teaching, epoch_windows, teaching_of
from quotestance.training.quote_dev import dev_scores
from quotestance.training.quote_loss import losses
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.recipe import RecipeError
from quotestance.training.whole_model import CHECKPOINT

log = logging.getLogger(__name__)
LOGGED_STEPS = 20
HEADS = ("features", "emit", "fragment", "query", "key", "none", "gap", "link")
SCORES = ("crf", "distance", "other_paragraph")  # single numbers that must become large: ten times as fast again


@dataclass
class Progress:
    """What a run has done so far, beside its weights."""

    seconds: float = 0.0
    best_score: float = -1.0
    epochs: list[dict[str, Any]] = field(default_factory=list)


class QuoteTrainer:
    """The loop and its state. `digests` say what beside the recipe decides the weights: a checkpoint of others is refused.

    Precision 'auto' is measured once; it holds for steps and dev scores alike, and is kept in the checkpoint.
    """

    def __init__(
        self,
        recipe: QuoteRecipe,
        finder: LearnedQuoteFinder,
        lessons: Sequence[Lesson],
        folder: Path,
        digests: Mapping[str, str],
        teacher: LinearChainCRF | None = None,
    ) -> None:
        self.recipe, self.finder, self.lessons, self.folder, self.teacher = recipe, finder, lessons, folder, teacher
        self.run = {"recipe": recipe.model_dump_json(), **digests}
        self.network = finder.network
        self._compute_in(chosen(recipe.precision, finder.device, training=True))
        self.optimizer = fused_adamw(
            dict(self.network.named_parameters()),
            learning_rate=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            faster={
                **dict.fromkeys(HEADS, recipe.heads_faster),
                **dict.fromkeys(SCORES, 10 * recipe.heads_faster),
            },
        )
        self.average = WeightAverage(self.network, recipe.averaging)
        self.best = self.average.copied()
        self.progress = Progress()
        self.steps = sum(len(self._plan(epoch)[1]) for epoch in range(recipe.epochs))

    def _compute_in(self, precision: str) -> None:
        self.precision = self.finder.precision = precision

    def _plan(self, epoch: int) -> tuple[list[tuple[Lesson, Window]], list[list[int]]]:
        """The windows of an epoch and its batches."""
        draw = random.Random(f"{self.recipe.seed}/windows/{epoch}")
        windows = epoch_windows(self.lessons, size=self.recipe.window, draw=draw)
        lengths = [2 + int(one.words.first[w.core_end] - one.words.first[w.core]) for one, w in windows]
        return windows, token_budget_batches(lengths, self.recipe.batch_tokens, self.recipe.seed, epoch)

    def run_all(self, dev: Sequence[Article], *, resume: bool) -> None:
        if not resume:
            (self.folder / CHECKPOINT).unlink(missing_ok=True)
        first = self._load() if (self.folder / CHECKPOINT).exists() else 0
        log.info(
            "%s: %d articles, %d steps in %d epochs, %s on %s",
            self.recipe.name,
            len(self.lessons),
            self.steps,
            self.recipe.epochs,
            self.precision,
            self.finder.device,
        )
        done, losses, started = 0, [], time.perf_counter()
        for epoch in range(self.recipe.epochs):
            windows, batches = self._plan(epoch)
            for rows in batches:
                done += 1
                if done <= first:
                    continue
                self.network.train()
                losses.append(self._step([windows[row] for row in rows], done))
                if done % LOGGED_STEPS == 0:
                    now = self.progress.seconds + time.perf_counter() - started
                    parts = torch.tensor(losses[-100:]).mean(0).tolist()
                    log.info(
                        "step %d of %d, loss %.4f (tags %.3f, pointers %.3f, links %.3f), %.1f min, %.1f min to go",
                        done,
                        self.steps,
                        sum(parts),
                        *parts,
                        now / 60,
                        now / done * (self.steps - done) / 60,
                    )
                if done % self.recipe.checkpoint_steps == 0:
                    started = self._save(done, started)
            if len(self.progress.epochs) <= epoch:
                self._end_epoch(epoch, dev)
                started = self._save(done, started)

    def _step(self, windows: Sequence[tuple[Lesson, Window]], number: int) -> list[float]:
        share = share_of_peak(number, self.steps, self.recipe.warmup)
        set_rate(self.optimizer, self.recipe.learning_rate * share)
        teaching = teaching_of(windows, self.finder.tokenizer, size=self.recipe.window)
        parts = self._losses(teaching)
        loss = parts.sum()
        if not torch.isfinite(loss):
            raise RecipeError(
                f"The loss is not a number at step {number}. Lower learning_rate (now {self.recipe.learning_rate}) "
                f"or set precision = 'fp32' (now {self.precision}), and begin anew with --restart."
            )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update()
        return [float(part) for part in parts.detach()]

    def _losses(self, teaching: Teaching) -> Tensor:
        batch = teaching.batch
        mask_tokens(batch.ids, self.finder.tokenizer, self.recipe.token_dropout, among=batch.mask == 1)
        device = self.finder.device
        moved = Teaching(batch.to(device), *(getattr(teaching, name).to(device) for name in _tensors(teaching)))
        with autocast(self.precision, device, training=True):
            vectors = self.network.word_vectors(moved.batch)
        return losses(self.network, vectors, moved, self.teacher, self.recipe.teacher_weight)

    def _end_epoch(self, epoch: int, dev: Sequence[Article]) -> None:
        self.network.eval()
        with self.average.applied():
            said = dev_scores(self.finder, dev)
        self.progress.epochs.append({"epoch": epoch + 1, **said})
        log.info("epoch %d: dev %s", epoch + 1, said)
        if said["score"] > self.progress.best_score:
            self.progress.best_score = said["score"]
            self.best = self.average.copied()

    def _save(self, done: int, started: float) -> float:
        now = time.perf_counter()
        self.progress.seconds += now - started
        save_checkpoint(
            self.folder / CHECKPOINT,
            model=self.network,
            optimizer=self.optimizer,
            average=self.average,
            step=done,
            run=self.run,
            extra={"progress": asdict(self.progress), "best": self.best, "precision": self.precision},
        )
        return now

    def _load(self) -> int:
        step, extra = load_checkpoint(
            self.folder / CHECKPOINT,
            model=self.network,
            optimizer=self.optimizer,
            average=self.average,
            run=self.run,
        )
        self.progress, self.best = Progress(**extra["progress"]), extra["best"]
        self._compute_in(extra["precision"])
        log.info("going on after step %d of %d", step, self.steps)
        return step


def _tensors(teaching: Teaching) -> list[str]:
    return [name for name in teaching.__dataclass_fields__ if name != "batch"]
