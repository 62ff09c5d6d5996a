"""Start-up time and peak memory of a way of answering, each in a process of its own, where nothing else was loaded."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEBI = 1 << 20
CODE = "from quotestance.inference.own_process import answer_here; answer_here()"


@dataclass(frozen=True)
class Measured:
    """`start` is in seconds, from the start of the process to its first answer; `peak` is the most memory it held, in MiB."""

    start: float
    peak: float


def measured_alone(way: str, folder: str | Path, *, device: str, precision: str, rows: int, threads: int) -> Measured:
    """Start a process that answers first one made-up question, then `rows` of them, by 'ours' or 'stock'."""
    asked = {"way": way, "folder": str(folder), "device": device, "precision": precision, "rows": rows}
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input=json.dumps({**asked, "threads": threads}),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Measured(told["first_answer"] - began, told["peak"])


def answer_here() -> None:
    """What the process does: read on standard input what is asked of it, answer, and print what it measured."""
    asked: dict[str, Any] = json.load(sys.stdin)
    import torch

    from quotestance.inference.made_up import made_pairs
    from quotestance.models.stance import StanceClassifier

    torch.set_num_threads(asked["threads"])
    pairs = made_pairs(asked["rows"])
    if asked["way"] == "ours":
        model = StanceClassifier.from_pretrained(
            asked["folder"], device=asked["device"], precision=asked["precision"]
        )
        model.predict_pairs(pairs[:1])
        first = time.time()
        model.predict_pairs(pairs)
    else:
        from quotestance.inference.stock_pipeline import stock_pipeline

        stock = stock_pipeline(asked["folder"], torch.device(asked["device"]))
        questions = [{"text": pair.target, "text_pair": pair.quote_text} for pair in pairs]
        stock(questions[:1])
        first = time.time()
        stock(questions)
    print(json.dumps({"first_answer": first, "peak": peak_memory()}))


def peak_memory() -> float:
    """The most memory that this process has held so far, in MiB."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux hands the getrusage of a parent down to the programs that it starts
        held = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) * 1024 / MEBI
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MEBI if sys.platform == "darwin" else most * 1024 / MEBI
