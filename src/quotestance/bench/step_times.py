"""Where the time of a training step goes: by kind of operation, with the recipe's dropout and with the stock one, and in padding."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.profiler import ProfilerActivity, profile

from quotestance.bench.peer_fits import STOCK_DROPOUT, STOCK_LENGTH
from quotestance.data.labels import LabelSet
from quotestance.training.loss import Loss, label_weights
from quotestance.training.material import read_training_material
from quotestance.training.plan import planned
from quotestance.training.processes import Processes
from quotestance.training.recipe import Recipe
from quotestance.training.run import Step
from quotestance.training.start import untrained
from quotestance.training.trainer import Trainer
from quotestance.training.whole_model import CHECKPOINT

WARM_UP = 3  # steps that are not measured
OTHER = "everything else"
# kind -> beginnings of the names that torch gives to its operations
KINDS: dict[str, tuple[str, ...]] = {
    "matrix products": ("addmm", "mm", "bmm", "baddbmm", "linear", "mkldnn_linear", "_scaled_dot_product"),
    "dropout": ("native_dropout", "bernoulli"),
    "norms and activations": ("native_layer_norm", "gelu", "tanh", "_softmax", "_log_softmax", "nll_loss"),
    "embeddings": ("embedding", "index_select"),
    "optimizer": ("_fused_adamw",),
    "clipping and the average of the weights": ("_foreach", "linalg_vector_norm"),
}


@dataclass(frozen=True)
class StepTimes:
    """Means over `steps` steps: milliseconds of a step, by kind of operation, with its examples and tokens.

    `padded`: tokens that were computed, padding included; `stock_padded`: if each example were padded to 128.
    """

    steps: int
    milliseconds: float
    by_kind: dict[str, float]
    examples: float
    tokens: float
    padded: float
    stock_padded: float

    @property
    def rate(self) -> float:
        """Examples a second."""
        return self.examples / self.milliseconds * 1000


def step_times(
    recipe: Recipe, *, steps: int = 20, corpora: str | Path | None = None, device: str | None = None
) -> dict[str, StepTimes]:
    """Times of the first `steps` steps of a recipe, as it stands and with the dropout of the stock models, on the same batches."""
    return {
        "recipe": _measured(recipe, steps, corpora, device),
        f"with dropout {STOCK_DROPOUT}": _measured(
            recipe.model_copy(update={"dropout": STOCK_DROPOUT}), steps, corpora, device
        ),
    }


def step_table(times: dict[str, StepTimes]) -> str:
    """Milliseconds and shares as a Markdown table, and below it what padding adds."""
    one = next(iter(times.values()))
    rows = [["milliseconds a step", *times], ["---"] * (1 + len(times))]
    for kind in one.by_kind:
        cells = (f"{way.by_kind[kind]:,.0f} ({way.by_kind[kind] / way.milliseconds:.0%})" for way in times.values())
        rows.append([kind, *cells])
    rows.append(["**a step**", *(f"{way.milliseconds:,.0f}" for way in times.values())])
    rows.append(["examples a second", *(f"{way.rate:,.1f}" for way in times.values())])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        f"{table}\n\nA step has {one.examples:,.0f} examples of {one.tokens:,.0f} tokens; {one.padded:,.0f} are computed with padding. "
        f"Each padded to {STOCK_LENGTH} they would be {one.stock_padded:,.0f}, {one.stock_padded / one.padded:.1f} times as many."
    )


def _measured(recipe: Recipe, steps: int, corpora: str | Path | None, device: str | None) -> StepTimes:
    labels = LabelSet(recipe.labels)
    train, _ = read_training_material(recipe, corpora, labels)
    torch.manual_seed(recipe.seed)
    classifier = untrained(recipe, labels, device)
    [epoch] = planned(recipe.model_copy(update={"epochs": 1}), train, classifier.inputs, labels)
    first = epoch[: WARM_UP + steps]
    loss = Loss(recipe, label_weights(recipe, [example for step in first for batch in step for example in batch]))
    with TemporaryDirectory() as folder:
        trainer = Trainer(
            recipe, classifier, loss, steps=len(first), checkpoint=Path(folder) / CHECKPOINT, processes=Processes()
        )
        classifier.model.train()
        warm, measured = first[:WARM_UP], first[WARM_UP:] or first
        for number, batches in enumerate(warm, 1):
            trainer.step(batches, number)
        started = time.perf_counter()
        with profile(activities=[ProfilerActivity.CPU]) as profiler:
            for number, batches in enumerate(measured, len(warm) + 1):
                trainer.step(batches, min(number, len(first)))
        seconds = time.perf_counter() - started
    return _summary(measured, seconds, {one.key: one.self_cpu_time_total for one in profiler.key_averages()})


def _summary(measured: Sequence[Step], seconds: float, microseconds: dict[str, float]) -> StepTimes:
    many = len(measured)
    by_kind = dict.fromkeys(KINDS, 0.0)
    for name, spent in microseconds.items():
        if kind := kind_of(name):
            by_kind[kind] += spent / 1000 / many
    total = seconds * 1000 / many
    lengths = [[len(example.row) for example in batch] for step in measured for batch in step]
    return StepTimes(
        steps=many,
        milliseconds=total,
        by_kind={**by_kind, OTHER: max(0.0, total - sum(by_kind.values()))},
        examples=sum(map(len, lengths)) / many,
        tokens=sum(map(sum, lengths)) / many,
        padded=sum(max(batch) * len(batch) for batch in lengths) / many,
        stock_padded=sum(STOCK_LENGTH * len(batch) for batch in lengths) / many,
    )


def kind_of(operation: str) -> str | None:
    """The kind of an operation by torch's name for it, forward or backward; None for everything else."""
    name = operation.removeprefix("aten::")
    return next((kind for kind, beginnings in KINDS.items() if name.startswith(beginnings)), None)
