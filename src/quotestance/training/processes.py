"""Which of several processes this is (`torchrun`), and what they tell each other: summed gradients, one verdict on dev.

Each process computes its rows of every batch; the gradients are summed. So the recipe alone says what is learned, and the number
of processes only how fast.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import distributed, nn

from quotestance.training.recipe import RecipeError

PATIENCE = timedelta(hours=2)  # others wait that long while the first process scores dev and writes

T = TypeVar("T")


@dataclass(frozen=True)
class Processes:
    """This process's `rank` among `world`; rank 0 leads: it alone scores, logs and writes."""

    rank: int = 0
    world: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, rows: Sequence[T]) -> Sequence[T]:
        """This process's rows of a batch: every row belongs to exactly one process."""
        return rows[self.rank :: self.world]

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the sum of all gradients; a process that had no rows counts as zeros."""
        if self.world == 1:
            return
        trained = list(parameters)
        flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).flatten() for p in trained])
        distributed.all_reduce(flat)
        portions = torch.split(flat, [p.numel() for p in trained])
        for parameter, gradient in zip(trained, portions, strict=True):
            parameter.grad = gradient.view_as(parameter)

    def summed(self, value: float, device: torch.device) -> float:
        """The sum of what each process has, in every process; on `device` it is added up."""
        if self.world == 1:
            return value
        box = torch.tensor(value, dtype=torch.float32, device=device)
        distributed.all_reduce(box)
        return float(box)

    def told(self, value: T | None) -> T:
        """What the leading process has, in every process."""
        if self.world == 1:
            return value  # type: ignore[return-value]
        box: list[Any] = [value]
        distributed.broadcast_object_list(box, src=0)
        return box[0]  # type: ignore[no-any-return]


@contextmanager
def joined(device: str | None = None) -> Iterator[Processes]:
    """The processes that torchrun started, or this one alone. gloo on CPU, NCCL on GPUs.

    Raises RecipeError for more processes on a machine than it has GPUs, unless `device` says that they compute on the CPU.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Processes()
        return
    began = not distributed.is_initialized()
    if began:
        distributed.init_process_group(backend(device), timeout=PATIENCE)
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size())
    finally:
        if began:
            distributed.destroy_process_group()


def backend(device: str | None) -> str:
    """What the processes of this machine talk through; each takes a GPU of its own where they compute on GPUs."""
    if not torch.cuda.is_available() or (device and torch.device(device).type == "cpu"):
        return "gloo"
    number, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if number >= gpus:
        raise RecipeError(
            f"{os.environ.get('LOCAL_WORLD_SIZE', number + 1)} processes, but this machine has {gpus} GPU{'s' if gpus > 1 else ''}: each needs one of its own. "
            f"Start torchrun with --nproc-per-node {gpus}, or compute on the CPU with --device cpu."
        )
    torch.cuda.set_device(number)
    return "nccl"
