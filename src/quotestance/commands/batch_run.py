"""What analyze, extract and predict share: a run with its progress, its summary, and its end on Ctrl-C."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from quotestance.inference.progress import Summary
    from quotestance.inference.ray_engine import Cluster
    from quotestance.inference.readers import Item, Reading
    from quotestance.inference.runs import Plan, Work, Write

MANY_REJECTS = 0.1  # a share of the rows that is worth a warning
INTERRUPTED = 130  # the exit status of a program that Ctrl-C ended

NOTHING_ASKED = (
    " A question is a quote's stance without a label, or a target of a record that has quotes. 'quotestance analyze' finds "
    "quotes and asks (--target, --targets)."
)


class Engine(StrEnum):
    """What computes: this process, or the workers of a Ray cluster (extra `ray`)."""

    LOCAL = "local"
    RAY = "ray"


# the options that these commands have in common
QuotesOption = Annotated[
    str,
    typer.Option(
        help="The quote finder: quotes-small (learned), rules (faster; misses half of the indirect quotes), or the folder of your own."
    ),
]
ModelOption = Annotated[str, typer.Option(help="The stance model: stance-small or a model folder.")]
AbstainOption = Annotated[float | None, typer.Option(help="Say 'unclear' where the label is less probable than this.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Stop at the first row that can't be used.")]
DeviceOption = Annotated[str | None, typer.Option(help="cpu, cuda, …; by default a GPU where there is one.")]
PrecisionOption = Annotated[str, typer.Option(help="auto (the faster, measured), fp32 or bf16.")]
EngineOption = Annotated[
    Engine, typer.Option(help="local: this process; ray: the workers of a Ray cluster (quotestance[ray]).")
]
RayAddressOption = Annotated[
    str | None, typer.Option("--ray-address", help="The cluster; by default RAY_ADDRESS, or one started here.")
]
WorkersOption = Annotated[
    int | None, typer.Option(help="Processes of --engine ray that compute; by default one a GPU or core.")
]


def cluster_of(
    engine: Engine, *, address: str | None, workers: int | None, device: str | None
) -> AbstractContextManager[Cluster | None]:
    """The cluster that computes; None where this process does it alone."""
    if engine is Engine.RAY:
        from quotestance.inference.ray_engine import cluster

        return cluster(address, workers=workers, device=device)
    if address is not None or workers is not None:
        from quotestance.data.errors import QuotestanceError

        raise QuotestanceError("--ray-address and --workers are options of --engine ray. Add it, or leave them out.")
    return nullcontext()


def run_to_file(
    reading: Reading[Item],
    work: Work[Item],
    out: Path,
    *,
    what: str,
    write: Write,
    plan: Plan,
    resume: bool,
    strict: bool,
    sample: int = 0,
    quiet: bool = False,
    cluster: Cluster | None = None,
) -> Summary:
    """Do the run, on a cluster if there is one, and print its summary. Ctrl-C leaves it resumable and exits with 130.

    `quiet` is a run whose files nobody keeps: nothing is told of them.
    """
    from quotestance.inference.progress import RunProgress, counted
    from quotestance.inference.runs import AllRefusedError, RunError, run

    if cluster is not None:
        reading, work = cluster.spread(reading, work, rows_a_shard=plan.rows_a_shard)
    try:
        done = run(
            reading,
            work,
            out,
            write=write,
            plan=plan,
            resume=resume,
            strict=strict,
            progress=RunProgress(what),
            sample=sample,
        )
    except KeyboardInterrupt:
        typer.echo("Stopped. What was computed is kept: give the same command with --resume to go on.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except AllRefusedError as refusal:
        raise RunError(refusal.first) if quiet else refusal from None
    if not quiet:
        typer.echo(done.in_words(what))
        _tell(done)
        if done.cut:
            typer.echo(
                f"{counted(done.cut, 'questions')} had a quote, target or speaker longer than the model reads; the rest of it was cut."
            )
        typer.echo(f"Wrote {out}" + (f", and {out}.rejects.jsonl with the rejected." if done.rejects else "."))
        _tell_rejects(done, what)
    return done


def _tell(done: Summary) -> None:
    """What a run of articles found or answered: nothing at all is most often another column's doing."""
    from quotestance.inference.progress import counted

    if "quotes" in done.tally:
        hint = " Is the article's text in that column (--text)?" if not done.tally["quotes"] else ""
        typer.echo(f"{counted(done.tally['quotes'], 'quotes')} in {counted(done.rows_out, 'articles')}.{hint}")
    if "answered" in done.tally:
        hint = "" if done.tally["answered"] else NOTHING_ASKED
        typer.echo(f"{counted(done.tally['answered'], 'questions')} answered.{hint}")
    if foreign := done.tally.get("foreign"):
        told = "does" if foreign == 1 else "do"
        typer.echo(
            f"{counted(foreign, 'articles')} {told} not read as English: only speech in marks was looked for (`reads_as_english`)."
        )


def _tell_rejects(done: Summary, what: str) -> None:
    """Why rows were rejected, and a warning where they were many."""
    for reason, rows in done.reasons:
        typer.echo(f"  {rows:,} rejected: {reason}")
    if others := done.rejects - sum(rows for _, rows in done.reasons):
        typer.echo(f"  {others:,} rejected for other reasons.")
    if done.rejects > MANY_REJECTS * done.rows_in:
        typer.echo(f"Warning: {done.rejects / done.rows_in:.0%} of the {what} were rejected.", err=True)
