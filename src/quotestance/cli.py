"""The command line: one command per deed. `quotestance --help` answers at once: a command's libraries load when it runs."""

from __future__ import annotations

import importlib
import inspect
import logging
import sys
from typing import Any

import typer
from typer.core import TyperGroup

# command -> what it does, in the order of a project's life
COMMANDS = {
    "analyze": "Raw articles into quotes, speakers and stances.",
    "extract": "Raw articles into quotes and speakers only.",
    "predict": "Questions in records or pairs into stances with probabilities.",
    "train": "A recipe into a model folder.",
    "evaluate": "Gold and predictions into a report: per label, with uncertainty.",
    "sample": "Answers of a run into a sheet to label by hand, for evaluate.",
    "compare": "Two or more reports: which is better, by how much, with what certainty.",
    "score-quotes": "Found quotes and speakers against gold ones.",
    "validate": "Check files of the annotation format, and repair spans that moved.",
    "convert": "Between the annotation format and other tools' formats.",
    "agree": "How well annotators agree.",
    "split": "Material into parts or folds by article, frozen to a file.",
    "corpora": "Which corpora can be read, and which of them are at hand.",
    "bench": "The benchmarks, as a leaderboard.",
    "bench-quotes": "Quote finders on the same articles, with their pace.",
    "bench-speed": "How fast a stance model is, beside the stock pipeline and the machine's limit.",
    "bench-training": "Where the time of a training step goes.",
    "bench-memory": "How much memory a run holds, from a thousand rows to a million.",
    "learning-curve": "The score against the number of training articles.",
    "peers": "Our training beside TF-IDF, SetFit and the stock Trainer, on the same material.",
    "checklist": "Behaviour tests of a stance model.",
    "floors": "Check that shipped models have not become worse.",
}

EXAMPLE = "Example: "  # how the last paragraph of a command's docstring begins; it stands at the end of its help


class LazyCommands(TyperGroup):
    """Knows every command's name and line; imports its file only when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = cmd_name.replace("-", "_")
        function = getattr(importlib.import_module(f"quotestance.commands.{module}"), module)
        told, _, example = (inspect.getdoc(function) or "").rpartition(EXAMPLE)
        app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
        app.command(name=cmd_name, short_help=COMMANDS[cmd_name], help=told, epilog=EXAMPLE + example)(function)
        return typer.main.get_command(app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """`bench speed` is `bench-speed`: a command of two words may be written as two."""
        joined = "-".join(args[:2])
        return super().resolve_command(ctx, [joined, *args[2:]] if joined in COMMANDS and args[1:] else args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def version(shown: bool) -> None:
    """Print the version and stop."""
    if shown:
        from importlib.metadata import version as installed

        typer.echo(installed("quotestance"))
        raise typer.Exit


app = typer.Typer(
    cls=LazyCommands, add_completion=False, rich_markup_mode=None, no_args_is_help=True, pretty_exceptions_enable=False
)


@app.callback()
def quotestance(
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Say what is being done."),
    shown: bool = typer.Option(False, "--version", callback=version, is_eager=True, help="Print the version."),
) -> None:
    """Who stands where in the news: quotes, their speakers, and whether each is for or against a target.

    Start with:  quotestance analyze seeds/*.txt --targets seeds/targets.toml --out report.html
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )


def main() -> None:
    """The entry point: declared errors are printed in a line or two and exit with 2; anything else is a bug and shows its trace."""
    from quotestance.data.errors import QuotestanceError

    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except QuotestanceError as problem:
        typer.echo(f"quotestance: {problem}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
