"""A run: its steps in their order, a score on dev after each epoch, and checkpoints from which it goes on as if it had not stopped.

What is learned in a step, and what dev says of it, is the trainer's of a task.
"""

from __future__ import annotations

import logging
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.utils import deterministic

from quotestance.models.precision import chosen
from quotestance.training.loop import (
    WeightAverage,
    fused_adamw,
    load_checkpoint,
    save_checkpoint,
    set_rate,
    share_of_peak,
)
from quotestance.training.processes import Processes
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.recipe import Recipe, RecipeError

log = logging.getLogger(__name__)
LOGGED_STEPS = 20
SHOWN_LOSSES = 100  # the last ones, whose mean is logged

Step = Sequence[Sequence[Any]]  # the batches whose gradients make one step


class DivergedError(RecipeError):
    """A run whose gradients are no longer numbers."""


class Learner(Protocol):
    """A model that computes on a device in a precision."""

    device: torch.device
    precision: str


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


class Run(ABC):
    """Trains `module`, the network of `learner`, in place; `best` holds the averaged weights of the epoch with the best dev score.

    `digests` say what beside the recipe decides the weights: a checkpoint of others is refused. `faster` gives parameters a
    multiple of the learning rate, by the beginnings of their names. `precision` 'auto' is measured here, holds for steps and dev
    scores alike, and is kept in the checkpoint.
    """

    recipe: Recipe | QuoteRecipe
    schedule = "linear"
    patience = 0
    start_shares: Sequence[float] = (0.0,)

    def __init__(
        self,
        learner: Learner,
        module: nn.Module,
        *,
        faster: Mapping[str, float],
        steps: int,
        checkpoint: Path,
        processes: Processes,
        digests: Mapping[str, str],
        precision: str,
    ) -> None:
        self.learner, self.module, self.steps = learner, module, steps
        self.checkpoint, self.processes = checkpoint, processes
        self.made_of = {"recipe": self.recipe.model_dump_json(), **digests}
        self._compute_in(processes.told(chosen(precision, learner.device, training=True)))
        self.trained = {name: p for name, p in module.named_parameters() if p.requires_grad}
        self.optimizer = fused_adamw(
            self.trained,
            learning_rate=self.recipe.learning_rate,
            weight_decay=self.recipe.weight_decay,
            faster=faster,
        )
        self.average = WeightAverage(module, self.recipe.averaging, remembers_start=any(self.start_shares))
        self.best = self.average.kept()
        self.progress = Progress()
        self._parts: list[dict[str, float]] = []  # of the last losses

    @abstractmethod
    def gradients(self, batches: Step, number: int) -> dict[str, float]:
        """Leave the gradients of step `number` with the parameters; returns the parts of its loss, by name."""

    @abstractmethod
    def scores(self, dev: Any) -> dict[str, Any]:
        """What the model as it stands scores on dev; `score` is what chooses the epoch."""

    def load(self) -> None:
        """Go on from the checkpoint, where there is one."""
        if self.checkpoint.exists():
            step, extra = load_checkpoint(
                self.checkpoint,
                model=self.module,
                optimizer=self.optimizer,
                average=self.average,
                run=self.made_of,
            )
            self.progress, self.best = Progress(**{**extra["progress"], "step": step}), extra["best"]
            self._compute_in(extra["precision"])
            log.info("going on after step %d of %d", step, self.steps)

    def run_all(self, plan: Iterable[Iterable[Step]], dev: Any) -> None:
        """Every step of every epoch that is not done yet; after each epoch, a score on dev."""
        done, started = 0, time.perf_counter()
        self.module.train()
        for epoch, steps in enumerate(plan):
            if len(self.progress.epochs) == epoch and self._has_lost_patience():
                log.info("no better dev score in %d epochs: stopping", self.patience)
                return
            for batches in steps:
                done += 1
                if done <= self.progress.step:
                    continue
                begun = time.perf_counter()
                self._note(self.step(batches, done))
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

    def step(self, batches: Step, number: int) -> dict[str, float]:
        """Step `number`, counted from 1; returns the parts of its loss, by name."""
        rate = share_of_peak(number, self.steps, self.recipe.warmup, self.schedule)
        set_rate(self.optimizer, self.recipe.learning_rate * rate)
        with summed_in_order(self.learner.device):
            parts = self.gradients(batches, number)
        self.processes.sum_gradients(self.trained.values())
        norm = nn.utils.clip_grad_norm_(self.trained.values(), self.recipe.clip)
        if not torch.isfinite(norm):  # as it is where the loss is not; and the same in every process
            raise DivergedError(
                f"The gradient is not a number at step {number}. Lower learning_rate (now {self.recipe.learning_rate}) or "
                f"set precision = 'fp32' (now {self.precision}), and begin anew with --restart."
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update()
        return parts

    def _compute_in(self, precision: str) -> None:
        self.precision = self.learner.precision = precision

    def _note(self, parts: dict[str, float]) -> None:
        self.progress.losses.append(sum(parts.values()))
        self._parts = [*self._parts[1 - SHOWN_LOSSES :], parts]

    def _log(self, seconds: float) -> None:
        step, minutes = self.progress.step, seconds / 60
        parts = {name: float(np.mean([one[name] for one in self._parts])) for name in self._parts[-1]}
        of_these = f" ({', '.join(f'{name} {value:.3f}' for name, value in parts.items())})" if len(parts) > 1 else ""
        log.info(
            "step %d of %d, loss %.4f%s, %.1f min, %.1f min to go",
            step,
            self.steps,
            sum(parts.values()),
            of_these,
            minutes,
            minutes / step * (self.steps - step),
        )

    def _end_epoch(self, epoch: int, dev: Any) -> None:
        said = self.processes.told(self._best_of_shares(dev) if self.processes.leads else None)
        loss = float(np.mean(self.progress.losses)) if self.progress.losses else math.nan
        self.progress.losses.clear()
        self.progress.epochs.append({"epoch": epoch + 1, "loss": loss, **said})
        log.info("epoch %d: loss %.4f; dev: %s", epoch + 1, loss, _in_words(said))
        if said["score"] > self.progress.best_score:
            self.progress.best_score = said["score"]
            self.best = self.average.kept(said.get("start_share", self.start_shares[0]))

    def _best_of_shares(self, dev: Any) -> dict[str, Any]:
        """What the averaged weights score on dev, at that share of the start which scores best; of several it is told which."""
        said: dict[float, dict[str, Any]] = {}
        self.module.eval()
        for share in self.start_shares:
            with self.average.applied(share):
                said[share] = self.scores(dev)
        self.module.train()
        best = max(said, key=lambda share: said[share]["score"])
        if len(said) == 1:
            return said[best]
        tried = {f"{share:g} of the start": scores["score"] for share, scores in said.items()}
        return {**said[best], "start_share": best, "tried": tried}

    def _has_lost_patience(self) -> bool:
        scores = [epoch["score"] for epoch in self.progress.epochs]
        return bool(self.patience and scores and len(scores) - 1 - scores.index(max(scores)) >= self.patience)

    def _save(self, started: float) -> float:
        now = time.perf_counter()
        self.progress.seconds += now - started
        if self.processes.leads:
            save_checkpoint(
                self.checkpoint,
                model=self.module,
                optimizer=self.optimizer,
                average=self.average,
                step=self.progress.step,
                run=self.made_of,
                extra={"progress": asdict(self.progress), "best": self.best, "precision": self.precision},
            )
        return now


@contextmanager
def summed_in_order(device: torch.device) -> Iterator[None]:
    """Within the block a CPU adds up the gradients of words that are read in several places in one order.

    Else each thread adds when it gets there, and on a busy machine no two runs give the same weights.
    """
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    memory: Any = deterministic  # its one setting has no type
    filled = memory.fill_uninitialized_memory
    if device.type == "cpu":
        torch.use_deterministic_algorithms(True)
        memory.fill_uninitialized_memory = False  # nothing here reads what it has not written
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        memory.fill_uninitialized_memory = filled


def _in_words(said: Mapping[str, Any]) -> str:
    """Scores by name, those that stand together in a table too."""
    flat = [
        pair for name, value in said.items() for pair in (value if isinstance(value, dict) else {name: value}).items()
    ]
    return ", ".join(f"{name} {value:.4f}" for name, value in flat)
