"""How much memory runs of different length hold: each reads made-up rows or articles and writes answers, in a process of its own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from quotestance.bench.made_up import endless_articles, endless_pairs, made_pairs
from quotestance.bench.own_process import done_alone
from quotestance.data.atomic import whole_file
from quotestance.data.json_lines import json_line
from quotestance.data.peak_memory import peak_memory


def memory_by_rows(
    counts: Sequence[int], *, model: str, device: str | None = None, ending: str = ".jsonl"
) -> Iterator[dict[str, float]]:
    """For each number of rows what its run took: `rows`, `peak` (MiB), `seconds`. Needs some 1 KB a row in the temporary folder."""
    for rows in counts:
        questions = (
            {"text": pair.quote_text, "target": pair.target, "speaker": pair.speaker}
            for pair in islice(endless_pairs(), rows)
        )
        with _made_up(questions) as source:
            out = str(source.with_name(f"answers{ending}"))
            yield {"rows": rows, **done_alone(_answer, source=str(source), out=out, model=model, device=device)}


def memory_by_articles(
    counts: Sequence[int], *, quotes: str, device: str | None = None, ending: str = ".jsonl"
) -> Iterator[dict[str, float]]:
    """The same of `extract` with the finder `quotes`, for numbers of articles; needs some 5 KB an article."""
    for rows in counts:
        articles = ({"id": one.id, "text": one.text} for one in islice(endless_articles(), rows))
        with _made_up(articles) as source:
            out = str(source.with_name(f"quotes{ending}"))
            yield {"rows": rows, **done_alone(_extract, source=str(source), out=out, quotes=quotes, device=device)}


@contextmanager
def _made_up(rows: Iterable[dict[str, Any]]) -> Iterator[Path]:
    """A file of these rows in a folder that goes in the end."""
    with tempfile.TemporaryDirectory(prefix="quotestance-memory-") as folder:
        source = Path(folder, "made-up.jsonl")
        with whole_file(source) as stream:
            stream.writelines(json_line(row, where="made up") for row in rows)
        yield source


def _extract(source: str, out: str, quotes: str, device: str | None) -> dict[str, Any]:
    from quotestance.inference.extract import extracted_records
    from quotestance.inference.readers import raw_articles
    from quotestance.inference.runs import Plan, run
    from quotestance.inference.writers import write_article_records
    from quotestance.models import load_quote_finder

    work = extracted_records(load_quote_finder(quotes, device=device))
    started = time.perf_counter()
    run(raw_articles([source], out=out), work, out, write=write_article_records, plan=Plan({}))
    return {"peak": peak_memory(), "seconds": time.perf_counter() - started}


def _answer(source: str, out: str, model: str, device: str | None) -> dict[str, Any]:
    from quotestance.inference.predict import answered_rows
    from quotestance.inference.readers import pair_rows
    from quotestance.inference.runs import PAIRS_A_SHARD, Plan, run
    from quotestance.inference.sources import Sources
    from quotestance.inference.writers import write_pair_records
    from quotestance.models import load_stance_model

    labels = ("favor", "against", "neutral")
    training = [replace(pair, label=label) for pair, label in zip(made_pairs(3), labels, strict=True)]
    stance = load_stance_model(model, training=training, device=device)
    started = time.perf_counter()
    run(
        pair_rows(Sources([source], out=out)),
        answered_rows(stance),
        out,
        write=write_pair_records,
        plan=Plan({}, rows_a_shard=PAIRS_A_SHARD),
    )
    return {"peak": peak_memory(), "seconds": time.perf_counter() - started}
