"""In which precision this machine computes fastest, found by measuring and not by its name."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from functools import cache

import torch

PRECISIONS = ("auto", "fp32", "bf16")
WORTH_IT = 0.8  # bf16 must take at most this share of fp32's time: it rounds, so a tie goes to fp32
ROWS, WIDTH, REPEATS = 2048, 384, 9


def autocast(precision: str, device: torch.device, *, training: bool = False) -> AbstractContextManager[None]:
    """The autocast context for 'auto' (the faster on this device), 'fp32' or 'bf16'. Raises ValueError for another word."""
    return torch.autocast(device.type, torch.bfloat16, enabled=chosen(precision, device, training=training) == "bf16")


def chosen(precision: str, device: torch.device, *, training: bool = False) -> str:
    """'fp32' or 'bf16': what `precision` means on this device."""
    if precision not in PRECISIONS:
        raise ValueError(f"Unknown precision '{precision}'. There are: {', '.join(PRECISIONS)}.")
    return fastest(device.type, training) if precision == "auto" else precision


@cache
def fastest(device: str, training: bool = False) -> str:
    """'bf16' where a layer of the default encoder's size runs clearly faster in it than in fp32, else 'fp32'.

    Measured once a process, with its gradients for training; some 0.2 s on a laptop. CPUs with bf16 instructions
    but no matrix unit for them are slower with them. Of a GPU it is not measured: it has units for bf16 (Ampere and later) or not.
    """
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device != "cpu":
        return "fp32"
    rows, weight = torch.randn(ROWS, WIDTH), torch.randn(4 * WIDTH, WIDTH)
    seconds: dict[torch.dtype, list[float]] = {torch.float32: [], torch.bfloat16: []}
    for _ in range(REPEATS):  # in turns, so that a busy moment meets both
        for dtype, measured in seconds.items():
            measured.append(_seconds(rows.to(dtype), weight.to(dtype).requires_grad_(training)))
    return "bf16" if min(seconds[torch.bfloat16]) < WORTH_IT * min(seconds[torch.float32]) else "fp32"


def _seconds(rows: torch.Tensor, weight: torch.Tensor) -> float:
    start = time.perf_counter()
    output = torch.nn.functional.linear(rows, weight)
    if weight.requires_grad:
        torch.autograd.backward(output, output.detach())
    return time.perf_counter() - start
