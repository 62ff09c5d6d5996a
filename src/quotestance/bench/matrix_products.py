"""The matrix products of an encoder and nothing else: what the machine could do at most with the same batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear


def matrix_products(
    config: Any, batches: Sequence[tuple[int, int]], dtype: torch.dtype, device: torch.device
) -> Callable[[], None]:
    """A function that multiplies matrices of the shapes and number that the whole encoder needs for `batches` (rows, tokens).

    Of every layer: query, key, value and output, both products of attention, and both of the feed-forward net, with
    weights of its own. No embeddings, softmax, norms, activations, or heads. `config` is that of a BERT-like encoder.
    """
    width, inner, heads = config.hidden_size, config.intermediate_size, config.num_attention_heads
    shapes = [(width, width)] * 4 + [(inner, width), (width, inner)]
    layers = [[_made(shape, dtype, device) for shape in shapes] for _ in range(config.num_hidden_layers)]

    def products() -> None:
        with torch.inference_mode():
            for rows, tokens in batches:
                wide = _made((rows * tokens, inner), dtype, device)
                narrow = wide[:, :width].contiguous()
                parts = narrow.view(rows, tokens, heads, width // heads).transpose(1, 2).contiguous()
                turned = parts.transpose(-1, -2).contiguous()
                for *square, up, down in layers:
                    for weight in square:
                        linear(narrow, weight)
                    torch.matmul(torch.matmul(parts, turned), parts)
                    linear(narrow, up)
                    linear(wide, down)
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return products


def _made(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.full(shape, 1 / 64, dtype=dtype, device=device)
