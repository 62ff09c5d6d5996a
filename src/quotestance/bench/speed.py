"""How fast a stance model is: the stock pipeline, ours, and the machine's limit on the same rows, in turns, in one run."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from quotestance.bench.matrix_products import matrix_products
from quotestance.bench.pace import medians_in_turns
from quotestance.bench.startup import measured_alone
from quotestance.bench.stock_pipeline import StockPipeline, calibrated, questions_for_stock
from quotestance.data.pairs import Pair
from quotestance.data.records import Article
from quotestance.models.batching import length_sorted_batches
from quotestance.models.inputs import Encoded
from quotestance.models.pipeline import Analyst, QuoteFinder
from quotestance.models.precision import chosen
from quotestance.models.stance import StanceClassifier

CLOSE = 0.02  # probabilities that differ by no more are taken for the same
STOCK, OURS, LIMIT = "stock pipeline", "ours", "matrix products alone"
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def measure_speed(
    model: StanceClassifier,
    folder: str | Path,
    pairs: Sequence[Pair],
    *,
    finder: QuoteFinder,
    articles: Sequence[Article] = (),
    turns: int = 3,
    threads: int | None = None,
    alone: bool = True,
) -> dict[str, Any]:
    """Rows, tokens and articles a second, closeness to fp32, and of processes of their own start-up and peak memory.

    `pairs` are answered by transformers' pipeline (fp32, batches of 32, in their order) and by ours; that the rows are
    alike is no help to either, as pairs with equal inputs are left out first, and those of which the pipeline's tokenizer
    would make other tokens (a context that begins inside a word). The matrix products are those of the
    whole encoder for our batches, at our precision. Every rate is a median over `turns`. Tokens do not count padding.
    `threads` of the processor are used, by default as many as torch uses anyhow.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        return _measured(model, folder, pairs, finder, articles, turns, alone)
    finally:
        torch.set_num_threads(before)


def speed_in_words(measured: Mapping[str, Any]) -> str:
    """What `measure_speed` found, as a Markdown table and sentences."""
    machine, close = measured["machine"], measured["close_to_stock"]
    lines = [
        f"{measured['rows']:,} rows without repeats, {measured['tokens']:,} tokens ({measured['left_out']:,} more were left "
        f"out: their context begins or ends inside a word, of which the stock tokenizer makes other tokens); {machine['device']}, "
        f"{machine['threads']} threads, ours in {machine['precision']}; medians of {measured['turns']} turns.",
        "",
        "| | rows a second | tokens a second | times stock |",
        "|---|--:|--:|--:|",
    ]
    stock = measured["rates"][STOCK]["rows_a_second"]
    for name, rate in measured["rates"].items():
        times = rate["rows_a_second"] / stock
        lines.append(f"| {name} | {rate['rows_a_second']:,.1f} | {rate['tokens_a_second']:,.0f} | {times:.2f} |")
    lines += [
        "",
        f"Ours reaches {measured['share_of_limit']:.0%} of the matrix products' rate; tokenising takes "
        f"{measured['share_tokenising']:.1%} of its time.",
        f"Beside the stock pipeline in fp32: labels equal on {close['labels_equal']:.2%} of rows, probabilities within "
        f"{CLOSE} on {close['within']:.2%}, the largest difference {close['largest']:.4f}.",
    ]
    if articles := measured.get("articles"):
        lines.append(
            f"Whole articles: {articles['a_second']:.2f} a second ({articles['count']} of {articles['characters']:,.0f} "
            f"characters, {articles['quotes']:.1f} quotes and {articles['targets']:.0f} targets each on average)."
        )
    for way, one in measured.get("alone", {}).items():
        name = {"stock": STOCK, "ours": OURS}[way]
        lines.append(
            f"Alone in a process, {name}: first answer after {one['start']:.1f} s, at most {one['peak']:,.0f} MiB."
        )
    return "\n".join(lines)


def _measured(
    model: StanceClassifier,
    folder: str | Path,
    pairs: Sequence[Pair],
    finder: QuoteFinder,
    articles: Sequence[Article],
    turns: int,
    alone: bool,
) -> dict[str, Any]:
    precision = chosen(model.precision, model.device)
    model.precision = precision
    stock = StockPipeline(folder, model.device)
    pairs, rows = _without_repeats(model, pairs)
    questions = questions_for_stock(model, rows)
    same = [stock.reads(question, row) for question, row in zip(questions, rows, strict=True)]
    pairs, rows = list(compress(pairs, same)), list(compress(rows, same))
    questions = list(compress(questions, same))
    lengths = [len(row) for row in rows]
    batches = [(len(batch), lengths[batch[0]]) for batch in length_sorted_batches(lengths, model.tokens_a_batch)]
    analyst = Analyst(finder, model)
    works: dict[str, Callable[[], Any]] = {
        STOCK: lambda: stock.probabilities(questions),
        OURS: lambda: model.predict_pairs(pairs),
        LIMIT: matrix_products(model.model.config, batches, DTYPES[precision], model.device),
        "tokenising": lambda: model.inputs.encode(pairs),
    }
    if articles:
        works["articles"] = lambda: list(analyst.analyze_many(articles))
    seconds, answers = medians_in_turns(works, turns=turns)
    measured = {
        "machine": _machine(model, precision),
        "rows": len(rows),
        "left_out": len(same) - len(rows),
        "tokens": sum(lengths),
        "turns": turns,
        "rates": {name: _rates(seconds[name], len(rows), sum(lengths)) for name in (STOCK, OURS, LIMIT)},
        "times_stock": seconds[STOCK] / seconds[OURS],
        "share_of_limit": seconds[LIMIT] / seconds[OURS],
        "share_tokenising": seconds["tokenising"] / seconds[OURS],
        "close_to_stock": _closeness(calibrated(answers[STOCK], model.temperature), model.probabilities(pairs)),
    }
    if articles:
        measured["articles"] = _of_articles(articles, answers["articles"], seconds["articles"])
    if alone:
        measured["alone"] = {
            way: measured_alone(
                way,
                folder,
                device=str(model.device),
                precision=precision,
                rows=len(rows),
                threads=torch.get_num_threads(),
            )
            for way in ("stock", "ours")
        }
    return measured


def _without_repeats(model: StanceClassifier, pairs: Sequence[Pair]) -> tuple[list[Pair], list[Encoded]]:
    different = {row.ids.tobytes(): (pair, row) for pair, row in zip(pairs, model.inputs.encode(pairs), strict=True)}
    return [pair for pair, _ in different.values()], [row for _, row in different.values()]


def _rates(seconds: float, rows: int, tokens: int) -> dict[str, float]:
    return {"seconds": seconds, "rows_a_second": rows / seconds, "tokens_a_second": tokens / seconds}


def _closeness(wanted: np.ndarray, got: np.ndarray) -> dict[str, float]:
    apart = np.abs(wanted - got).max(1)
    return {
        "labels_equal": float((wanted.argmax(1) == got.argmax(1)).mean()),
        "within": float((apart <= CLOSE).mean()),
        "largest": float(apart.max()),
    }


def _of_articles(asked: Sequence[Article], answered: Sequence[Article], seconds: float) -> dict[str, float]:
    count = len(asked)
    return {
        "count": count,
        "a_second": count / seconds,
        "characters": sum(len(article.text or "") for article in asked) / count,
        "quotes": sum(len(article.quotes) for article in answered) / count,
        "targets": sum(len(article.targets) for article in asked) / count,
    }


def _machine(model: StanceClassifier, precision: str) -> dict[str, Any]:
    cuda = model.device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(model.device) if cuda else f"CPU ({platform.machine()})",
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "precision": precision,
        "torch": torch.__version__,
    }
