"""`quotestance compare`: reports on the same gold into which model is better, by how much, with what certainty."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def compare(
    reports: Annotated[
        list[Path], typer.Argument(help="Folders that 'quotestance evaluate --out' wrote, of the same gold.")
    ],
    runs: Annotated[
        bool, typer.Option("--runs", help="The reports are runs of one model (other seeds): print mean ± sd.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write the comparisons (.json), or the examples on which models differ (.csv)."),
    ] = None,
    examples: Annotated[int, typer.Option(help="How many examples to print on which two models differ.")] = 5,
    seed: Annotated[int, typer.Option(help="Of bootstrap and permutations.")] = 13,
    rounds: Annotated[int, typer.Option(help="Of bootstrap and permutations.")] = 1000,
) -> None:
    """Compare models by their reports: difference with its interval, McNemar, article-level permutation test, examples.

    With more than two reports every two are compared, and p-values are corrected (Holm).

    Example: quotestance compare reports/stance-small reports/tfidf
    """
    import json

    import pandas as pd

    from quotestance.data.atomic import whole_file
    from quotestance.data.errors import FormatError
    from quotestance.evaluate.compare import compare_reports, run_summary
    from quotestance.evaluate.report import read_report

    if out is not None and out.suffix not in (".json", ".csv"):
        raise FormatError(f"{out}: the ending says what is written: .json or .csv.")
    names = _names(reports)
    loaded = {name: read_report(path) for name, path in names.items()}
    if runs:
        summary = run_summary(list(loaded.values()))
        typer.echo(f"{len(loaded)} runs on {next(iter(loaded.values())).n:,} pairs: mean ± sd")
        for score, row in summary.iterrows():
            typer.echo(f"  {score!s:28} {row['mean']:.4f} ± {row['sd']:.4f}  ({row['least']:.4f} to {row['most']:.4f})")
        result, table = json.loads(summary.to_json(orient="index")), summary.reset_index()
    else:
        comparisons = compare_reports(loaded, seed=seed, rounds=rounds)
        for one in comparisons:
            typer.echo(one.to_text())
            for example in one.differences.head(examples).to_dict("records"):
                typer.echo(
                    f"    {example['target']} ← {_short(str(example['text']))}  gold {example['gold']}, "
                    f"{one.a} {example['a']}, {one.b} {example['b']}"
                )
        result = [one.to_json() for one in comparisons]
        table = pd.concat([one.differences.assign(model_a=one.a, model_b=one.b) for one in comparisons])
    if out is not None:
        with whole_file(out) as stream:
            stream.write(
                (
                    json.dumps(result, indent=1, ensure_ascii=False) + "\n"
                    if out.suffix == ".json"
                    else table.to_csv(index=False)
                ).encode()
            )
        typer.echo(f"Wrote {out}.")


def _names(paths: list[Path]) -> dict[str, Path]:
    """Reports by the name of their folder, or by the whole path where folders share a name."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    short = [folder.resolve().name for folder in folders]
    return {name if short.count(name) == 1 else str(path): path for name, path in zip(short, paths, strict=True)}


def _short(text: str, most: int = 80) -> str:
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= most else flat[: most - 1] + '…'}”"
