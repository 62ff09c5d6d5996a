"""The stock text-classification pipeline of transformers on the very tokens that our model reads: what speed is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from quotestance.models.inputs import Encoded
from quotestance.models.stance import StanceClassifier, quiet_transformers

STOCK_BATCH = 32

Question = dict[str, str]  # 'text' and 'text_pair', as the pipeline takes them


class StockPipeline:
    """The pipeline in fp32 and batches of 32, loaded from a model folder."""

    def __init__(self, folder: str | Path, device: torch.device) -> None:
        from transformers import pipeline

        with quiet_transformers():
            self.pipeline = pipeline(
                "text-classification", model=str(folder), device=device, batch_size=STOCK_BATCH, dtype=torch.float32
            )

    def probabilities(self, questions: Sequence[Question]) -> np.ndarray:
        """Of shape (questions, labels), in the model's order of labels, at temperature 1."""
        number_of = self.pipeline.model.config.label2id
        shares = np.empty((len(questions), len(number_of)))
        for row, answer in enumerate(self.pipeline(list(questions), top_k=None, truncation=True)):
            for one in answer:
                shares[row, number_of[one["label"]]] = one["score"]
        return shares

    def reads(self, question: Question, row: Encoded) -> bool:
        """Whether the pipeline makes the tokens of `row` of a question's words."""
        ids = self.pipeline.tokenizer(question["text"], question["text_pair"])["input_ids"]
        return bool(ids == row.ids.tolist())


def questions_for_stock(model: StanceClassifier, rows: Sequence[Encoded]) -> list[Question]:
    """Our inputs as words again: target and speaker, and the marked passage.

    A tokenizer makes the same tokens of them, but for a passage that begins or ends inside a word (`StockPipeline.reads`).
    """
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
