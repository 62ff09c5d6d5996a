"""What is wrong with a recipe's `start`, said before anything is trained: transformers would draw at random what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quotestance.data.errors import QuotestanceError
from quotestance.models.folders import SETTINGS_FILE, SHIPPED, TASKS, read_object
from quotestance.training.recipe import RecipeError

SMALLEST_VOCABULARY = 0.5  # of the encoder's rows of embeddings; rows are padded by some hundreds at most
WHOLE = "It needs config.json, the weights (model.safetensors) and the tokenizer (tokenizer.json), all whole: get them again."
RUNS = "runs"  # where the recipes of training/ write their models
EXTRA = "pip install 'quotestance[sentencepiece]' (or pip install sentencepiece protobuf)"


@contextmanager
def loading(start: str, folder: str) -> Iterator[None]:
    """In the block `folder` is loaded; raises RecipeError with a remedy where it can't be."""
    from safetensors import SafetensorError

    try:
        yield
    except QuotestanceError:
        raise
    except (OSError, ValueError, ImportError, SafetensorError) as problem:
        raise RecipeError(f"start = '{start}': {_reason(folder, problem)}") from problem


def read_settings_of(start: str, folder: str) -> dict[str, Any]:
    """The settings of a start that is a model of ours; empty for an encoder.

    Raises RecipeError where they are broken, it is a model of another task than stance, or one of `runs/` that is not trained yet.
    """
    file = Path(folder) / SETTINGS_FILE
    if Path(folder).parts[:1] == (RUNS,) and not Path(folder).is_dir():
        raise RecipeError(
            f"start = '{start}': there is no such folder yet. Make it first (training/README.md says how), for example with "
            f"'quotestance train training/recipes/{Path(folder).name}.toml --out {start}', or name another start."
        )
    settings = read_object(file, error=RecipeError) if file.is_file() else {}
    if (task := str(settings.get("task", "stance"))) != "stance":
        raise RecipeError(
            f"start = '{start}' is {TASKS.get(task, f'a model for {task!r}')}, whose encoder can't be gone on from. "
            "Name an encoder, such as minilm, or a stance model, such as stance-small."
        )
    return settings


def check_vocabulary(start: str, tokenizer: Any, model: Any) -> None:
    """Raises RecipeError for a tokenizer that knows far fewer words than the encoder, or is none of the fast ones."""
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise RecipeError(
            f"start = '{start}' has no fast tokenizer ({type(tokenizer).__name__}). Name another encoder."
        )
    words, rows = len(tokenizer.get_vocab()), len(model.get_input_embeddings().weight)
    if words < SMALLEST_VOCABULARY * rows:
        raise RecipeError(
            f"start = '{start}': its tokenizer knows {words:,} words, and its encoder {rows:,}, so that nearly every word would be "
            "unknown. Its tokenizer files are missing or another model's: put tokenizer.json beside config.json."
        )


def _reason(folder: str, problem: BaseException) -> str:
    said = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
    if _needs_sentencepiece(folder, said):
        return f"its tokenizer needs sentencepiece: {EXTRA}."
    if Path(folder).is_dir():
        return f"{folder} can't be loaded ({said}). {WHOLE}"
    return (
        f"neither 'minilm', a shipped model ({', '.join(SHIPPED)}) nor a model folder, and it "
        f"could not be fetched from the hub by that name ({said})."
    )


def _needs_sentencepiece(folder: str, said: str) -> bool:
    """Whether words in a file of sentencepiece (spm.model) are all there is, and can't be read."""
    names_it = any(package in said.lower() for package in ("sentencepiece", "tiktoken", "protobuf"))
    return names_it and (not Path(folder).is_dir() or any(Path(folder).glob("*.model")))
