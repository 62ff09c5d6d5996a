"""The training loop and its state: weights, optimizer, their moving average, and how far it has come."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from quotestance.data.pairs import Pair
from quotestance.evaluate.macro_f1 import macro_f1
from quotestance.models.batching import padded
from quotestance.models.precision import autocast, chosen
from quotestance.models.stance import StanceClassifier
from quotestance.training.examples import Example
from quotestance.training.layers import slower
from quotestance.training.loop import (
    WeightAverage,
    fused_adamw,
    load_checkpoint,
    mask_tokens,
    save_checkpoint,
    set_rate,
    share_of_peak,
)
from quotestance.training.loss import Loss
from quotestance.training.material import DevSet
from quotestance.training.processes import Processes
from quotestance.training.recipe import Recipe, RecipeError

log = logging.getLogger(__name__)
LOGGED_STEPS = 20

Step = Sequence[Sequence[Example]]  # the batches whose gradients make one step


class DivergedError(RecipeError):
    """A run whose gradients are no longer numbers."""


@dataclass
class Progress:
    """What a run has done so far: enough, with the weights, to go on as if nothing had happened.

    `seconds` is all its time, `step_seconds` that of its steps alone, in which it was shown `examples`. `losses` are those of
    the steps of the epoch that is not finished.
    """

    step: int = 0
    seconds: float = 0.0
    step_seconds: float = 0.0
    examples: int = 0
    best_score: float = -1.0
    losses: list[float] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)


class Trainer:
    """Trains `classifier` in place; `best` holds the averaged weights of the epoch with the best dev score.

    `digests` say what beside the recipe decides the weights: a checkpoint of others is refused. `precision` is the recipe's unless
    told; 'auto' is measured here, holds for steps and dev scores alike, and is kept in the checkpoint.
    """

    def __init__(
        self,
        recipe: Recipe,
        classifier: StanceClassifier,
        loss: Loss,
        *,
        steps: int,
        checkpoint: Path,
        processes: Processes,
        digests: Mapping[str, str] | None = None,
        precision: str | None = None,
    ) -> None:
        self.recipe, self.classifier, self.loss, self.steps = recipe, classifier, loss, steps
        self.checkpoint, self.processes, self.model = checkpoint, processes, classifier.model
        self.run = {"recipe": recipe.model_dump_json(), **(digests or {})}
        self._compute_in(processes.told(chosen(precision or recipe.precision, classifier.device, training=True)))
        self.trained = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self.optimizer = fused_adamw(
            self.trained,
            learning_rate=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            faster=slower([name for name, _ in self.model.named_parameters()], recipe.layer_decay),
        )
        self.average = WeightAverage(self.model, recipe.averaging)
        self.best = self.average.copied()
        self.progress = Progress()

    def _compute_in(self, precision: str) -> None:
        self.precision = self.classifier.precision = precision

    def run_all(self, plan: Sequence[Sequence[Step]], dev: Sequence[DevSet]) -> None:
        """Every step of every epoch that is not done yet; after each epoch, a score on dev."""
        done, started = 0, time.perf_counter()
        self.model.train()
        for epoch, steps in enumerate(plan):
            if len(self.progress.epochs) == epoch and self._has_lost_patience():
                log.info("no better dev score in %d epochs: stopping", self.recipe.patience)
                return
            for batches in steps:
                done += 1
                if done <= self.progress.step:
                    continue
                begun = time.perf_counter()
                self.progress.losses.append(self.step(batches, done))
                self.progress.step = done
                self.progress.examples += sum(map(len, batches))
                self.progress.step_seconds += time.perf_counter() - begun
                if done % LOGGED_STEPS == 0:
                    self._log(self.progress.seconds + time.perf_counter() - started)
                if done % self.recipe.checkpoint_steps == 0:
                    started = self._save(started)
            if len(self.progress.epochs) <= epoch:
                self._end_epoch(epoch, dev)
                started = self._save(started)

    def step(self, batches: Step, number: int) -> float:
        rate = share_of_peak(number, self.steps, self.recipe.warmup, self.recipe.schedule)
        set_rate(self.optimizer, self.recipe.learning_rate * rate)
        # dropout and masks are drawn by step, not by what came before: a run that goes on draws the same
        torch.manual_seed((self.recipe.seed * 1_000_003 + number) * 64 + self.processes.rank)
        total = self.loss.total([example for batch in batches for example in batch])
        shown = 0.0
        for batch in batches:
            if mine := self.processes.share(batch):
                loss = self.loss(self._logits(mine), mine, total)
                loss.backward()  # type: ignore[no-untyped-call]
                shown += float(loss.detach())
        self.processes.sum_gradients(self.trained.values())
        norm = torch.nn.utils.clip_grad_norm_(self.trained.values(), self.recipe.clip)
        if not torch.isfinite(norm):  # as it is where the loss is not; and the same in every process
            raise DivergedError(
                f"The gradient is not a number at step {number}. Lower learning_rate (now {self.recipe.learning_rate}) or "
                f"set precision = 'fp32' (now {self.precision}), and begin anew with --restart."
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update()
        return shown * self.processes.world

    def _logits(self, examples: Sequence[Example]) -> torch.Tensor:
        inputs, device = self.classifier.inputs, self.classifier.device
        rows = [example.row for example in examples] * self.loss.passes
        tensors = padded(rows, pad_id=inputs.tokenizer.pad_token_id, segments=inputs.has_segments)
        mask_tokens(tensors["input_ids"], inputs.tokenizer, self.recipe.token_dropout)
        with autocast(self.precision, device, training=True):
            logits = self.model(**{name: tensor.to(device) for name, tensor in tensors.items()}).logits
        return logits.float()  # type: ignore[no-any-return]

    def _log(self, seconds: float) -> None:
        step, minutes = self.progress.step, seconds / 60
        togo = minutes / step * (self.steps - step)
        mean = float(np.mean(self.progress.losses[-100:]))
        log.info("step %d of %d, loss %.4f, %.1f min, %.1f min to go", step, self.steps, mean, minutes, togo)

    def _end_epoch(self, epoch: int, dev: Sequence[DevSet]) -> None:
        scores: dict[str, float] | None = None
        if self.processes.leads:
            self.model.eval()
            with self.average.applied():
                scores = {part.name: dev_macro_f1(self.classifier, part.pairs) for part in dev}
            self.model.train()
        scores = self.processes.told(scores)
        score = weighted_mean(scores, dev)
        loss = float(np.mean(self.progress.losses)) if self.progress.losses else math.nan
        self.progress.losses.clear()
        self.progress.epochs.append({"epoch": epoch + 1, "loss": loss, "dev": scores, "score": score})
        shown = {name: round(value, 4) for name, value in scores.items()}
        log.info("epoch %d: dev macro-F1 %s, mean %.4f", epoch + 1, shown, score)
        if score > self.progress.best_score:
            self.progress.best_score = score
            self.best = self.average.copied()

    def _has_lost_patience(self) -> bool:
        scores = [epoch["score"] for epoch in self.progress.epochs]
        return bool(
            self.recipe.patience and scores and len(scores) - 1 - scores.index(max(scores)) >= self.recipe.patience
        )

    def _save(self, started: float) -> float:
        now = time.perf_counter()
        self.progress.seconds += now - started
        if self.processes.leads:
            save_checkpoint(
                self.checkpoint,
                model=self.model,
                optimizer=self.optimizer,
                average=self.average,
                step=self.progress.step,
                run=self.run,
                extra={"progress": self.progress.__dict__, "best": self.best, "precision": self.precision},
            )
        return now

    def load(self) -> None:
        """Go on from the checkpoint, where there is one."""
        if self.checkpoint.exists():
            _, extra = load_checkpoint(
                self.checkpoint,
                model=self.model,
                optimizer=self.optimizer,
                average=self.average,
                run=self.run,
            )
            self.progress, self.best = Progress(**extra["progress"]), extra["best"]
            self._compute_in(extra["precision"])
            log.info("going on after step %d of %d", self.progress.step, self.steps)


def dev_macro_f1(classifier: StanceClassifier, pairs: Sequence[Pair]) -> float:
    """Macro-F1 of a stance model as reports have it: over the labels that occur in gold or among the answers."""
    gold = [pair.label or "" for pair in pairs]
    answers = [str(stance.label) for stance in classifier.predict_pairs(pairs)]
    return macro_f1(gold, answers, labels=classifier.labels.names, rounds=0).value


def weighted_mean(scores: dict[str, float], dev: Sequence[DevSet]) -> float:
    """The mean of the dev sets' scores by their weights: what chooses the epoch, the seed and the trial."""
    return float(np.average([scores[part.name] for part in dev], weights=[part.weight for part in dev]))
