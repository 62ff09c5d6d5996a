"""How much memory runs of different length hold: each reads a made-up table and writes its answers, in a process of its own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from quotestance.data.atomic import whole_file
from quotestance.data.json_lines import json_line
from quotestance.data.peak_memory import peak_memory
from quotestance.inference.made_up import endless_pairs, made_pairs
from quotestance.inference.own_process import done_alone

MAJORITY = "majority"  # costs next to nothing: what is left is reading, writing and keeping count


def memory_by_rows(
    counts: Sequence[int], *, model: str, device: str | None = None, ending: str = ".jsonl"
) -> Iterator[dict[str, float]]:
    """For each number of rows what its run took: `rows`, `peak` (MiB), `seconds`. Needs some 1 KB a row in the temporary folder."""
    for rows in counts:
        with tempfile.TemporaryDirectory(prefix="quotestance-memory-") as folder:
            source = Path(folder, "questions.jsonl")
            with whole_file(source) as stream:
                for pair in islice(endless_pairs(), rows):
                    row = {"text": pair.quote_text, "target": pair.target, "speaker": pair.speaker}
                    stream.write(json_line(row, where="made up"))
            out = str(source.with_name(f"answers{ending}"))
            yield {"rows": rows, **done_alone(_answer, source=str(source), out=out, model=model, device=device)}


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
