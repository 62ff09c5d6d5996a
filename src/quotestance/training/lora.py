"""Low-rank adapters (Hu et al., ICLR 2022): few weights are trained beside a frozen encoder, and merged into it at the end."""

from __future__ import annotations

from typing import Any

import torch

from quotestance.training.recipe import RecipeError

SCALE = 2  # alpha / rank


def with_adapters(model: Any, rank: int, dropout: float) -> Any:
    """The model with adapters of `rank` beside every linear layer of its encoder; its head is trained as a whole.

    Raises RecipeError where peft is not installed.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise RecipeError("`lora` needs peft: pip install 'quotestance[lora]'") from None
    encoder = model.base_model_prefix
    linear = [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name.startswith(f"{encoder}.")
    ]
    head = [name for name, part in model.named_children() if name != encoder and any(True for _ in part.parameters())]
    config = LoraConfig(
        r=rank, lora_alpha=SCALE * rank, lora_dropout=dropout, target_modules=linear, modules_to_save=head
    )
    return get_peft_model(model, config)


def merged(model: Any) -> Any:
    """The plain model that computes the same: adapters added into the weights they stand beside."""
    return model.merge_and_unload()
