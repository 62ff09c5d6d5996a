"""The device that is asked for, or a GPU where there is one: checked before anything is loaded onto it."""

from __future__ import annotations

import torch

from quotestance.models.folders import ModelError


def device_of(name: str | None) -> torch.device:
    """'cpu', 'cuda', 'cuda:1', … as a device; None is the GPU, or the CPU where there is none. Raises ModelError."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as problem:  # an unknown word, no such GPU, or a torch that was built without
        raise ModelError(
            f"There is no device '{name}' here ({str(problem).splitlines()[0][:100]}). Say --device cpu, or leave it out."
        ) from None
    return device
