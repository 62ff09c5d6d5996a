"""Benchmarks as files, and models on them, into a leaderboard beside the published figures.

A benchmark is a TOML file in `evaluate/benchmarks/`: material, subset, labels, metric, what may be trained on, and the
figures of papers with their sources. This module knows no model: whoever runs a benchmark passes a `predict`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from quotestance.data.atomic import write_text
from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import CODEBOOK
from quotestance.data.pairs import Pair
from quotestance.data.splits import material_digest
from quotestance.data.toml_records import read_record
from quotestance.evaluate.macro_f1 import macro_f1

METRICS = {
    "macro_f1": "mean of the F1 of favor, against and neutral",
    "f1_avg": "mean of the F1 of the labels that the corpus has; a prediction of any other label is wrong",
}

Predict = Callable[[Sequence[Pair]], Sequence[str | None]]


class BenchmarkError(QuotestanceError):
    """A benchmark file that cannot be used, or material that is not what it describes."""


class Published(BaseModel):
    """A figure that a paper prints. `comparable` says to what kind of run, `why` what differs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = Field(min_length=1)
    score: float = Field(ge=0, le=1)
    paper: str = Field(min_length=1)
    venue: str = Field(min_length=1)
    year: int
    url: str | None = None
    comparable: Literal["yes", "if trained on `train` alone", "no"]
    why: str = Field(min_length=1)


class Benchmark(BaseModel):
    """What is measured, on what, how, and what others reached. Unknown keys are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    title: str
    material: str = Field(description="a corpus split ('vast/test') or a file of articles or pairs")
    train: tuple[str, ...] = Field(description="the only material a comparable model may have learned from")
    dev: str | None = Field(default=None, description="where choices are made; never on `material`")
    metric: Literal["macro_f1", "f1_avg"] = "macro_f1"
    labels: tuple[str, ...] = CODEBOOK.names
    group: str = Field(
        default="group", description="whole groups are drawn for the interval: a field of Pair or of `extra`"
    )
    subset: dict[str, str | bool | int] = Field(
        default_factory=dict, description="keep pairs whose field has this value"
    )
    pairs: int | None = Field(default=None, description="how many pairs the full material has after `subset`")
    labelled_by: str = "people"
    note: str = ""
    published: tuple[Published, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Benchmark:
        if unknown := [label for label in self.labels if label not in CODEBOOK]:
            raise ValueError(f"labels: {', '.join(unknown)} not in the codebook ({', '.join(CODEBOOK)})")
        if (self.metric == "macro_f1") != (set(self.labels) == set(CODEBOOK)):
            raise ValueError("metric: 'macro_f1' is over all three labels of the codebook, 'f1_avg' over fewer")
        return self


@dataclass(frozen=True)
class Result:
    """A model on a benchmark. `trained_on` None: not known, so not comparable with figures of one corpus alone.

    `asked`: how, where it was not simply for its label.
    """

    benchmark: str
    model: str
    revision: str
    score: float
    low: float | None
    high: float | None
    n: int
    groups: int
    gold: str
    trained_on: tuple[str, ...] | None = None
    outside: int = 0
    asked: str = ""


def read_benchmarks(folder: str | Path, names: Iterable[str] = ()) -> list[Benchmark]:
    """The benchmarks of a folder by file name, or those named. Raises BenchmarkError with the file and the key."""
    files = sorted(Path(folder).glob("*.toml"))
    benchmarks = {benchmark.name: benchmark for benchmark in map(read_benchmark, files)}
    if not benchmarks:
        raise BenchmarkError(
            f"{folder} has no benchmark (*.toml). The project's own are in its repository: be there, or name a folder with --benchmarks."
        )
    wanted = list(names) or list(benchmarks)
    if unknown := [name for name in wanted if name not in benchmarks]:
        raise BenchmarkError(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(benchmarks)}.")
    return [benchmarks[name] for name in wanted]


def read_benchmark(path: str | Path) -> Benchmark:
    """One benchmark file. Its name must be that of the file."""
    benchmark = read_record(path, Benchmark, error=BenchmarkError)
    if benchmark.name != Path(path).stem:
        raise BenchmarkError(f"{path}: its name is '{benchmark.name}'; name and file must be equal.")
    return benchmark


def benchmark_pairs(benchmark: Benchmark, material: Iterable[Pair]) -> list[Pair]:
    """The labelled pairs of the benchmark's subset. Raises BenchmarkError where their number is not the stated one."""
    kept = [pair for pair in material if pair.label in benchmark.labels and _chosen(pair, benchmark.subset)]
    if not kept:
        raise BenchmarkError(
            f"{benchmark.name}: no pair of {benchmark.material} has a label of {', '.join(benchmark.labels)} "
            f"and {benchmark.subset or 'any value'}."
        )
    if benchmark.pairs is not None and len(kept) != benchmark.pairs:
        raise BenchmarkError(
            f"{benchmark.name}: {len(kept)} pairs where the benchmark has {benchmark.pairs}. Your copy of "
            f"{benchmark.material} is not the one it was made for; its card says where to get that."
        )
    return kept


def run_benchmark(
    benchmark: Benchmark,
    pairs: Iterable[Pair],
    predict: Predict,
    *,
    model: str,
    revision: str = "",
    trained_on: Sequence[str] | None = None,
    asked: str = "",
    seed: int = 13,
    rounds: int = 1000,
) -> Result:
    """Score `predict` on the benchmark's pairs. Predictions outside the benchmark's labels are wrong, and counted.

    `pairs` is the whole material; the subset is taken here. `predict` sees the pairs without their labels. Raises
    BenchmarkError where it returns another number of labels.
    """
    kept = benchmark_pairs(benchmark, pairs)
    predicted = list(predict([pair.with_label(None) for pair in kept]))
    if len(predicted) != len(kept):
        raise BenchmarkError(f"{benchmark.name}: {model} gave {len(predicted)} labels for {len(kept)} pairs.")
    score = macro_f1(
        [pair.label or "" for pair in kept],
        [label or "" for label in predicted],
        [_group(pair, benchmark.group) for pair in kept],
        labels=benchmark.labels,
        seed=seed,
        rounds=rounds,
    )
    low, high = score.interval or (None, None)
    return Result(
        benchmark=benchmark.name,
        model=model,
        revision=revision,
        score=score.value,
        low=low,
        high=high,
        n=score.n,
        groups=score.groups,
        gold=material_digest(kept)[:12],
        trained_on=tuple(trained_on) if trained_on is not None else None,
        outside=sum(label not in benchmark.labels for label in predicted),
        asked=asked,
    )


def leaderboard(benchmarks: Sequence[Benchmark], results: Iterable[Result]) -> pd.DataFrame:
    """One row a system and benchmark, best first: ours measured, theirs as published, and what may be compared."""
    rows: list[dict[str, Any]] = []
    measured = list(results)
    for benchmark in benchmarks:
        ours = [_our_row(benchmark, result) for result in measured if result.benchmark == benchmark.name]
        theirs = [_their_row(benchmark, published) for published in benchmark.published]
        rows += sorted(ours + theirs, key=lambda row: -float(row["score"]))
    return pd.DataFrame(rows, columns=COLUMNS)


def leaderboard_markdown(benchmarks: Sequence[Benchmark], results: Iterable[Result]) -> str:
    """The leaderboard as one Markdown table a benchmark, under its title and what it asks."""
    frame = leaderboard(benchmarks, results)
    return "\n\n".join(_section(benchmark, frame[frame.benchmark == benchmark.name]) for benchmark in benchmarks)


def leaderboard_text(benchmarks: Sequence[Benchmark], results: Iterable[Result]) -> str:
    """The leaderboard as plain text, one line a system: ours marked with '*'."""
    lines = []
    for row in leaderboard(benchmarks, results).to_dict("records"):
        interval = f"[{row['low']:.3f}, {row['high']:.3f}]" if pd.notna(row["low"]) else ""
        mark = "*" if row["measured_here"] else " "
        lines.append(
            f"{row['benchmark']:18}{mark} {row['score']:.3f} {interval:16} {row['system']}; "
            f"comparable: {row['comparable']}"
        )
    return "\n".join(lines)


def result_line(result: Result) -> str:
    """A result in one line, as it comes in."""
    interval = f" [{result.low:.3f}, {result.high:.3f}]" if result.low is not None else ""
    outside = f", {result.outside} predictions outside its labels" if result.outside else ""
    support = f"{result.n} pairs in {result.groups} groups"
    name = ", ".join(filter(None, (result.model, result.asked)))
    return f"{result.benchmark}: {name} {result.score:.3f}{interval}, {support}{outside}"


def write_between_markers(readme: str | Path, markdown: str, *, name: str = "leaderboard") -> None:
    """Put tables between the markers `<!-- name -->` and `<!-- /name -->` of a Markdown file. Raises BenchmarkError where it lacks them."""
    path, first, last = Path(readme), f"<!-- {name} -->", f"<!-- /{name} -->"
    text = path.read_text(encoding="utf-8")
    before, start, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (start and end):
        raise BenchmarkError(
            f"{path} has no place for the {name}. Put these two lines where it belongs: {first} {last}"
        )
    write_text(path, f"{before}{first}\n\n{markdown}\n\n{last}{after}")


def read_results(path: str | Path) -> list[Result]:
    """Results that were kept; none where there is no file yet."""
    if not Path(path).exists():
        return []
    known = {one.name for one in fields(Result)}
    held = json.loads(Path(path).read_text(encoding="utf-8"))
    return [
        Result(
            **{
                **{k: v for k, v in one.items() if k in known},
                "trained_on": None if one.get("trained_on") is None else tuple(one["trained_on"]),
            }
        )
        for one in held
    ]


def write_results(path: str | Path, results: Iterable[Result]) -> list[Result]:
    """Keep results beside those that are there; a new one replaces that of the same model on the same benchmark."""
    kept = {(one.benchmark, one.model, one.asked): one for one in [*read_results(path), *results]}
    ordered = [kept[key] for key in sorted(kept)]
    write_text(path, json.dumps([asdict(one) for one in ordered], indent=1, ensure_ascii=False) + "\n")
    return ordered


COLUMNS = ["benchmark", "system", "score", "low", "high", "n", "measured_here", "comparable", "source"]


def _our_row(benchmark: Benchmark, result: Result) -> dict[str, Any]:
    if result.trained_on is None:
        comparable = "no: what it learned from is in its card"
    elif set(result.trained_on) <= set(benchmark.train):
        comparable = "yes"
    else:
        comparable = f"no: trained on {', '.join(result.trained_on)}"
    signed = f"{result.model}@{result.revision}" if result.revision else result.model
    system = ", ".join(filter(None, (signed, result.asked)))
    return {
        "benchmark": benchmark.name,
        "system": system,
        "score": result.score,
        "low": result.low,
        "high": result.high,
        "n": result.n,
        "measured_here": True,
        "comparable": comparable,
        "source": f"`quotestance bench {benchmark.name} --models {result.model}`",
    }


def _their_row(benchmark: Benchmark, published: Published) -> dict[str, Any]:
    paper = f"[{published.paper}]({published.url})" if published.url else published.paper
    comparable = published.comparable.replace("`train`", ", ".join(benchmark.train))
    return {
        "benchmark": benchmark.name,
        "system": published.system,
        "score": published.score,
        "low": None,
        "high": None,
        "n": None,
        "measured_here": False,
        "comparable": f"{comparable}; theirs: {published.why}",
        "source": f"{paper}, {published.venue} {published.year}",
    }


def _section(benchmark: Benchmark, rows: pd.DataFrame) -> str:
    lines = [
        f"### {benchmark.title}",
        "",
        f"`{benchmark.name}`: {benchmark.material}, {METRICS[benchmark.metric]}; labelled by {benchmark.labelled_by}. "
        f"Comparable models learned from {', '.join(benchmark.train)} alone."
        + (f" {benchmark.note}" if benchmark.note else ""),
        "",
        "| system | score | 95 % interval | n | comparable | source |",
        "|---|---|---|---|---|---|",
    ]
    if rows.empty:
        return "\n".join([*lines[:-2], "Not measured yet, and no figure is published."])
    for row in rows.to_dict("records"):
        interval = f"{row['low']:.3f}–{row['high']:.3f}" if pd.notna(row["low"]) else "–"
        n = f"{row['n']:,.0f}" if pd.notna(row["n"]) else "–"
        name = f"**{row['system']}**" if row["measured_here"] else row["system"]
        cells = (name, f"{row['score']:.3f}", interval, n, row["comparable"], row["source"])
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _chosen(pair: Pair, subset: Mapping[str, str | bool | int]) -> bool:
    return all(_value(pair, name) == wanted for name, wanted in subset.items())


def _group(pair: Pair, name: str) -> str:
    return str(_value(pair, name) or pair.id)


def _value(pair: Pair, name: str) -> object:
    return getattr(pair, name) if name in PAIR_FIELDS else pair.extra.get(name)


PAIR_FIELDS = {one.name for one in fields(Pair)}
