"""Encoded inputs into padded batches of like length, with a budget of tokens instead of a number of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from quotestance.models.inputs import Encoded


def length_sorted_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Row numbers in batches of at most `budget` tokens, padding included, longest rows first.

    A single row longer than the budget is a batch of its own. Every row stands in exactly one batch.
    """
    batches: list[list[int]] = []
    for row in np.argsort(-np.asarray(lengths, np.int64), kind="stable").tolist():
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def padded(rows: Sequence[Encoded], *, pad_id: int, segments: bool) -> dict[str, Tensor]:
    """`input_ids`, `attention_mask` and, if wanted, `token_type_ids`: each of shape (rows, longest row), int64."""
    longest = max(len(row) for row in rows)
    ids = np.full((len(rows), longest), pad_id, np.int64)
    mask = np.zeros((len(rows), longest), np.int64)
    types = np.zeros((len(rows), longest), np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row.ids
        mask[number, : len(row)] = 1
        types[number, : len(row)] = row.segments
    batch = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
    if segments:
        batch["token_type_ids"] = torch.from_numpy(types)
    return batch
