"""How long a process takes to its first answer, and how much memory it holds at most: ours, or the stock pipeline's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from quotestance.bench.own_process import done_alone
from quotestance.data.peak_memory import peak_memory


def measured_alone(
    way: str, folder: str | Path, *, device: str, precision: str, rows: int, threads: int
) -> dict[str, Any]:
    """A fresh process answers first one made-up question, then `rows` of them, by 'ours' or 'stock'.

    `start` is in seconds, from the start of the process to its first answer; `peak` is the most memory it held, in MiB.
    """
    began = time.time()
    told = done_alone(
        _answer, way=way, folder=str(folder), device=device, precision=precision, rows=rows, threads=threads
    )
    return {"start": told["first_answer"] - began, "peak": told["peak"]}


def _answer(way: str, folder: str, device: str, precision: str, rows: int, threads: int) -> dict[str, Any]:
    import torch

    from quotestance.bench.made_up import made_pairs
    from quotestance.models.stance import StanceClassifier

    torch.set_num_threads(threads)
    pairs = made_pairs(rows)
    if way == "ours":
        model = StanceClassifier.from_pretrained(folder, device=device, precision=precision)
        model.predict_pairs(pairs[:1])
        first = time.time()
        model.predict_pairs(pairs)
    else:
        from quotestance.bench.stock_pipeline import StockPipeline

        stock = StockPipeline(folder, torch.device(device))
        questions = [{"text": pair.target, "text_pair": pair.quote_text} for pair in pairs]
        stock.probabilities(questions[:1])
        first = time.time()
        stock.probabilities(questions)
    return {"first_answer": first, "peak": peak_memory()}
