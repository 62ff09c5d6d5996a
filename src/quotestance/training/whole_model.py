"""A trained model in its folder, whole or not at all: staged beside the run, moved when it is complete, and known by what it was made of."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from quotestance.data.atomic import new_file_mode, put_in_place
from quotestance.data.lock import Taken, held
from quotestance.models.folders import RUN_FOLDER, SETTINGS_FILE
from quotestance.training.disk import DiskError, writing
from quotestance.training.recipe import RecipeError

log = logging.getLogger(__name__)
CHECKPOINT, LOCK = "checkpoint.pt", "lock"


@contextmanager
def one_run_in(folder: Path) -> Iterator[Path]:
    """Within the block no other process trains into the folder; gives its `run/`, made where it was not there.

    Raises DiskError where another process is at it, or it can't be written.
    """
    run = folder / RUN_FOLDER
    with ExitStack() as block:
        with writing(folder):
            run.mkdir(parents=True, exist_ok=True)
            try:
                block.enter_context(held(run / LOCK))
            except Taken as holder:
                raise DiskError(
                    f"{folder}: {holder} is training a model into this folder. Wait for it, or give another --out."
                ) from None
        yield run


@contextmanager
def put_in_place_whole(folder: Path) -> Iterator[Path]:
    """A folder to write a model in; when the block ends, its files move to `folder`, and only then the run's checkpoint is removed.

    Killed at any moment, `folder` has the old model, none, or the new one; and until it has the new one, the run's checkpoint.
    """
    run = folder / RUN_FOLDER
    made = run / "made"
    with writing(folder):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
    yield made
    mode = new_file_mode()  # safetensors writes for the owner alone
    with writing(folder):
        files = sorted(made.iterdir(), key=lambda file: file.name == SETTINGS_FILE)  # last: without them it is no model
        for file in files:
            file.chmod(mode)
            with open(file, "rb") as written:
                os.fsync(written.fileno())
        for given_up in run.glob(f"*/**/{CHECKPOINT}"):  # by a trial: nobody goes on from it, and it is large
            given_up.unlink()
        for torn in run.rglob(f".{CHECKPOINT}.*.tmp"):
            torn.unlink()
        (folder / SETTINGS_FILE).unlink(missing_ok=True)
        for file in files:
            put_in_place(file, folder / file.name)
        made.rmdir()
        (run / CHECKPOINT).unlink(missing_ok=True)


def is_finished(folder: Path, recipe: BaseModel, digests: Mapping[str, str]) -> bool:
    """Whether the folder holds a model that this very recipe made of these sources. What has changed since is logged.

    Raises RecipeError for a model that does not say what it was made of: nobody knows then whether it is this one.
    """
    settings = kept_settings(folder)
    if not settings or (folder / RUN_FOLDER / CHECKPOINT).exists():
        return False
    kept = settings.get("digests")
    if not kept:
        raise RecipeError(
            f"{folder} holds a model whose {SETTINGS_FILE} keeps no digests of what it was made of, so that it can't be told "
            "from another; it is left as it is. Give another --out, or --restart to train anew and replace it."
        )
    changed = [what for what in kept | dict(digests) if kept.get(what) != digests.get(what)]
    try:
        same = type(recipe).model_validate(settings.get("made_from", settings.get("recipe"))) == recipe
    except ValueError:  # another task's, or a later version's
        same = False
    if changed := changed if same else ["recipe", *changed]:
        log.warning("%s was made of another %s: training anew", folder, ", another ".join(changed))
    return not changed


def read_settings(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    return settings


def kept_settings(folder: Path) -> dict[str, Any]:
    """The settings of a model that may not be there, or not whole: empty then."""
    try:
        return read_settings(folder)
    except (FileNotFoundError, ValueError):
        return {}


def write_settings(folder: Path, settings: dict[str, Any]) -> None:
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
