"""Model folders: where the shipped ones lie, and which folders are safe to load."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from quotestance.data.digests import listed_digest
from quotestance.data.errors import QuotestanceError
from quotestance.data.shipped import shipped

TASKS = {"stance": "a stance model", "quotes": "a quote finder"}  # by `task` of the settings; a stance model's say none
SHIPPED_FOR = {"stance": "stance-small", "quotes": "quotes-small"}
SHIPPED = tuple(SHIPPED_FOR.values())
SETTINGS_FILE = "quotestance.json"
WEIGHTS_FILE = "model.safetensors"
RUN_FOLDER = "run"  # a training run's log and progress inside the folder it writes to: no part of the model
FINGERPRINT_FILE = "training_fingerprint.json"  # what it was trained on, as digests: how leaks are found
REFUSED_ENDINGS = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".py", ".so"}
TOKENIZER_FILE = "tokenizer.json"  # without it transformers makes up a vocabulary of five words
NEEDED = {
    "stance": ("name", "labels", "inputs", "temperature"),
    "quotes": ("name", "options"),
}  # keys of settings, by task
NAMES_CODE = "auto_map"  # a key of config.json and tokenizer_config.json: classes from a file or a hub


AGAIN = "Get the model again."


class ModelError(QuotestanceError):
    """A model that is absent, incomplete or not safe to load."""


def model_folder(name_or_folder: str | Path) -> Path:
    """The folder of a shipped model by name ('stance-small'), or the folder that is named. Raises ModelError."""
    if Path(name_or_folder).is_dir():
        return Path(name_or_folder)
    if (config := shipped(f"{name_or_folder}/config.json", in_repository="models")) is not None:
        return config.parent
    raise ModelError(
        f"There is no model '{name_or_folder}': neither a folder nor a shipped model ({', '.join(SHIPPED)})."
    )


def checked_folder(folder: str | Path, *, needs: str) -> Path:
    """The folder, if it holds whole safetensors weights, a tokenizer and the settings file `needs`, and neither pickles, code nor outward links.

    What a training run keeps under `run/` is never loaded, and may be there.
    """
    path = model_folder(folder)
    for name in ("config.json", WEIGHTS_FILE, TOKENIZER_FILE, needs):
        if not (path / name).is_file():
            raise ModelError(f"{path} has no {name}. A model folder is what 'quotestance train' writes.")
    root = path.resolve()
    for file in _parts(path):
        if file.suffix.lower() in REFUSED_ENDINGS:
            raise ModelError(
                f"{file} could run code when loaded. Only safetensors weights are loaded; remove it if you trust the rest."
            )
        if not file.resolve().is_relative_to(root):
            raise ModelError(f"{file} points outside the model's folder.")
        if file.name.endswith("config.json") and NAMES_CODE in read_object(file):
            raise ModelError(
                f"{file} names code to run when the model is loaded ({NAMES_CODE}). Remove that key if you trust the rest."
            )
    if "model_type" not in read_object(path / "config.json"):
        raise ModelError(f"{path / 'config.json'} does not say which kind of model it is (model_type). {AGAIN}")
    _check_weights(path / WEIGHTS_FILE)
    return path


def read_folder(folder: str | Path, *, task: str) -> tuple[Path, dict[str, Any]]:
    """A model's folder, checked, and its settings. Raises ModelError where it is a model for another task of TASKS, or not whole."""
    path = checked_folder(folder, needs=SETTINGS_FILE)
    settings = read_object(path / SETTINGS_FILE)
    if (its_own := str(settings.get("task", "stance"))) != task:
        kind = TASKS.get(its_own, f"a model for '{its_own}'")
        raise ModelError(f"{path} is {kind}; what is needed here is {TASKS[task]}, such as {SHIPPED_FOR[task]}.")
    if missing := [key for key in NEEDED[task] if key not in settings]:
        raise ModelError(f"{path / SETTINGS_FILE} does not say {', '.join(missing)}. {AGAIN}")
    return path, settings


def _parts(folder: Path) -> Iterator[Path]:
    """All that lies in the folder and belongs to the model."""
    return (file for file in folder.rglob("*") if file.relative_to(folder).parts[0] != RUN_FOLDER)


def read_object(file: Path, *, error: type[QuotestanceError] = ModelError) -> dict[str, Any]:
    """The JSON object of a file in a model folder. Raises `error` where it is none."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict):
        raise error(f"{file} is no JSON object. {AGAIN}")
    return held


def absent_weights(found: Mapping[str, Any]) -> set[str]:
    """The weights that a model's file lacks, or has in another size; `found` is the loading info of transformers."""
    return {*found["missing_keys"], *(key for key, *_ in found["mismatched_keys"])}


def refuse_made_up(
    model: object, found: Mapping[str, Any], *, within: str = "", error: type[QuotestanceError] = ModelError
) -> None:
    """Raises `error` where transformers had to make up weights whose names begin with `within`: their file lacks them, or has them in another size.

    `model` is how the message calls it, `found` the loading info of transformers. A pooler, which many encoders lack and nothing here reads, is no loss.
    """
    made_up = sorted(name for name in absent_weights(found) if name.startswith(within) and "pooler" not in name)
    if made_up:
        more = f" and {len(made_up) - 3} more" if len(made_up) > 3 else ""
        raise error(
            f"{model} has weights missing, or in another size than config.json says: {', '.join(made_up[:3])}{more}. "
            f"They would be random numbers. {AGAIN}"
        )


def _check_weights(file: Path) -> None:
    """Weights that end too early are told by their header, without reading them."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy"):
            pass
    except (SafetensorError, OSError) as problem:
        raise ModelError(f"{file} can't be read as weights ({problem}). {AGAIN}") from None


def model_digest(model: object) -> str | None:
    """That of the folder a model was loaded from; None of one that has none, as rules."""
    folder: Path | None = getattr(model, "folder", None)
    return folder_digest(folder) if folder is not None else None


def folder_digest(folder: str | Path) -> str:
    """The SHA-256 of every file that is not hidden, with its name: weights, settings, tokenizer, whatever makes the answers.

    What a training run keeps under `run/` makes none.
    """
    path = Path(folder)
    names = sorted(file.relative_to(path).as_posix() for file in _parts(path) if file.is_file())
    return listed_digest((name, path / name) for name in names if not any(p.startswith(".") for p in name.split("/")))
