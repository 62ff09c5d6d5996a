"""What every training loop needs: batches, the learning rate's way, the weights' moving average, checkpoints."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from quotestance.data.atomic import whole_file
from quotestance.data.errors import QuotestanceError
from quotestance.models.batching import length_sorted_batches
from quotestance.training.disk import writing

# name -> the share of the peak learning rate when that share of the steps after the warm-up is still to come
SCHEDULES: dict[str, Callable[[float], float]] = {
    "linear": lambda left: left,
    "cosine": lambda left: (1 - math.cos(math.pi * left)) / 2,
    "constant": lambda left: 1.0,
}
FEWEST_TOKENS = 512  # of a batch that is made smaller so that there are enough of them
SORTED_TOGETHER = 50  # batches' worth of rows that are sorted by length together: less padding, still mixed


class CheckpointError(QuotestanceError):
    """A checkpoint that can't be read or belongs to another run."""


def fitting_budget(lengths: Sequence[int], most: int, least_batches: int) -> int:
    """Tokens a batch: `most`, or fewer where rows of these lengths would then be less than `least_batches` batches.

    Never below FEWEST_TOKENS, unless `most` is. A few hundred examples in a few large batches teach next to nothing: there
    are too few steps.
    """
    return min(most, max(FEWEST_TOKENS, sum(lengths) // max(1, least_batches)))


def token_budget_batches(lengths: Sequence[int], budget: int, seed: int, epoch: int) -> list[list[int]]:
    """Row numbers of one epoch in batches of at most `budget` tokens (padding included), in the order of training.

    Every row stands in exactly one batch; a row longer than the budget is a batch of its own. The same arguments give the
    same batches; another epoch gives others.
    """
    draw = random.Random(f"{seed}/{epoch}")
    order = list(range(len(lengths)))
    draw.shuffle(order)
    mean = max(1, sum(lengths) // max(1, len(lengths)))
    together = max(1, SORTED_TOGETHER * budget // mean)
    batches: list[list[int]] = []
    for start in range(0, len(order), together):
        pool = order[start : start + together]
        sorted_batches = length_sorted_batches([lengths[row] for row in pool], budget)
        batches += [[pool[place] for place in batch] for batch in sorted_batches]
    draw.shuffle(batches)
    return batches


def share_of_peak(step: int, total: int, warmup: float, schedule: str = "linear") -> float:
    """The share of the peak learning rate at `step` of `total` (counted from 1): up in a straight line, then as `schedule` says.

    `warmup` is the share of the steps on which it rises. It is above 0 at every step, so that each one teaches something.
    """
    warm = max(1, round(warmup * total))
    return step / warm if step <= warm else SCHEDULES[schedule]((total - step + 1) / (total - warm + 1))


def fused_adamw(
    parameters: Mapping[str, nn.Parameter],
    *,
    learning_rate: float,
    weight_decay: float,
    faster: Mapping[str, float] | None = None,
) -> torch.optim.AdamW:
    """AdamW over named parameters; matrices decay, vectors (biases, norms) do not.

    `faster` gives parameters whose name starts with a key that many times the learning rate (new heads beside an old encoder).
    Each group keeps its factor under 'factor': `set_rate` needs it.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in parameters.items():
        factor = next((value for start, value in (faster or {}).items() if name.startswith(start)), 1.0)
        groups.setdefault((factor, weight_decay if parameter.ndim > 1 else 0.0), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": members, "weight_decay": decay, "factor": factor, "lr": learning_rate * factor}
            for (factor, decay), members in groups.items()
        ],
        lr=learning_rate,
        betas=(0.9, 0.98),
        fused=True,
    )


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every parameter group the learning rate `rate` times its factor."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("factor", 1.0)


def mask_tokens(ids: Tensor, tokenizer: Any, share: float, *, among: Tensor | None = None) -> None:
    """Put the mask token in place of that share of a batch's `ids` (rows, tokens), in place.

    `among` (rows, tokens) says which may be masked; by default all but special tokens and markers. A tokenizer without a
    mask token leaves them as they are.
    """
    if not share or tokenizer.mask_token_id is None:
        return
    if among is None:
        among = ~torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    ids[(torch.rand(ids.shape) < share) & among] = tokenizer.mask_token_id


class WeightAverage:
    """The exponential moving average of a model's trained weights (Polyak & Juditsky 1992).

    Early on the average forgets faster, so that it does not remember the start: decay = min(decay, (1 + n) / (10 + n)).
    A decay of 0 keeps the last weights. One that `remembers_start` can give weights part of the way back to those that the model
    has now (Wortsman et al., CVPR 2022: what the start knew is kept, and what was learned too).
    """

    def __init__(self, model: nn.Module, decay: float = 0.999, *, remembers_start: bool = False) -> None:
        self.decay, self.steps = decay, 0
        self._trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.weights = {name: p.detach().clone() for name, p in self._trained.items()}
        self._start = {name: p.detach().clone() for name, p in self._trained.items()} if remembers_start else {}

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights after a step."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(list(self.weights.values()), list(self._trained.values()), 1 - decay)

    @contextmanager
    def applied(self, start_share: float = 0.0) -> Iterator[None]:
        """Within the block the model has `kept(start_share)` as its weights; after it its own again."""
        own = {name: p.detach().clone() for name, p in self._trained.items()}
        self.put(self.kept(start_share))
        try:
            yield
        finally:
            self.put(own)

    @torch.no_grad()
    def put(self, weights: Mapping[str, Tensor]) -> None:
        """Give the model these weights, by name."""
        for name, parameter in self._trained.items():
            parameter.copy_(weights[name])

    def kept(self, start_share: float = 0.0) -> dict[str, Tensor]:
        """The average as it is now, `start_share` of the way back to the start, on its own memory."""
        if not start_share:
            return {name: value.clone() for name, value in self.weights.items()}
        return {name: value.lerp(self._start[name], start_share) for name, value in self.weights.items()}

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps, "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.steps = int(state["steps"])
        for name, value in self.weights.items():
            value.copy_(state["weights"][name])


def save_checkpoint(
    path: str | Path,
    *,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    step: int,
    run: Mapping[str, str],
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write all that a run needs to go on as if it had not stopped; the old file stays until the new one is whole.

    `run` says whose checkpoint this is: what decides the weights, by name. `extra` holds plain values and tensors (scores,
    best weights, seconds).
    Raises DiskError where it can't be written.
    """
    state = {
        "run": dict(run),
        "step": step,
        "weights": {name: p.detach() for name, p in model.named_parameters() if p.requires_grad},
        "optimizer": optimizer.state_dict(),
        "average": average.state_dict(),
        "torch_rng": torch.get_rng_state(),
        "extra": dict(extra or {}),
    }
    with writing(path), whole_file(path) as stream:
        torch.save(state, stream)


def load_checkpoint(
    path: str | Path,
    *,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    run: Mapping[str, str],
) -> tuple[int, dict[str, Any]]:
    """Put a checkpoint's state in place; returns its step and its `extra`.

    Only tensors and plain values are read, never code. Raises CheckpointError where it was written for another `run`
    or can't be read.
    """
    try:
        state = torch.load(path, map_location=next(model.parameters()).device, weights_only=True)
    except Exception as problem:
        raise CheckpointError(f"{path} can't be read ({type(problem).__name__}). Remove it to begin anew.") from problem
    kept: dict[str, str] = state.get("run", {})
    if others := [what for what in kept | dict(run) if kept.get(what) != run.get(what)]:
        raise CheckpointError(
            f"{path} belongs to a run of another {', another '.join(others)}. Give another --out, or --restart to begin anew."
        )
    average.put(state["weights"])
    optimizer.load_state_dict(state["optimizer"])
    average.load_state_dict(state["average"])
    torch.set_rng_state(state["torch_rng"].cpu())
    return int(state["step"]), dict(state["extra"])
