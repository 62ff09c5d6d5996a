"""The stock text-classification pipeline of transformers on the very tokens that our model reads: what speed is measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from quotestance.models.inputs import Encoded
from quotestance.models.stance import StanceClassifier, quiet_transformers

STOCK_BATCH = 32

Question = dict[str, str]  # 'text' and 'text_pair', as the pipeline takes them


def stock_pipeline(folder: str | Path, device: torch.device) -> Callable[[Sequence[Question]], np.ndarray]:
    """A function from questions to probabilities, shape (questions, labels), by the pipeline in fp32 and batches of 32."""
    from transformers import pipeline

    with quiet_transformers():
        stock = pipeline(
            "text-classification", model=str(folder), device=device, batch_size=STOCK_BATCH, dtype=torch.float32
        )
    number_of = stock.model.config.label2id

    def probabilities(questions: Sequence[Question]) -> np.ndarray:
        shares = np.empty((len(questions), len(number_of)))
        for row, answer in enumerate(stock(list(questions), top_k=None, truncation=True)):
            for one in answer:
                shares[row, number_of[one["label"]]] = one["score"]
        return shares

    return probabilities


def questions_for_stock(model: StanceClassifier, rows: Sequence[Encoded]) -> list[Question]:
    """Our inputs as the words that a tokenizer makes the same tokens of: target and speaker, and the marked passage."""
    inputs = model.inputs
    between, questions = list(inputs.between), []
    for row in rows:
        ids = row.ids.tolist()[len(inputs.before) : len(row) - len(inputs.after)]
        middle = next(place for place in range(len(ids)) if ids[place : place + len(between)] == between)
        halves = ids[:middle], ids[middle + len(between) :]
        words = inputs.tokenizer.batch_decode(halves, clean_up_tokenization_spaces=False)
        questions.append({"text": words[0], "text_pair": words[1]})
    return questions


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray[Any, Any]:
    """Probabilities at temperature 1 as those at `temperature`; the pipeline knows nothing of ours."""
    raised = probabilities ** (1 / temperature)
    return np.asarray(raised / raised.sum(1, keepdims=True))
