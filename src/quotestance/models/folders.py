"""Model folders: where the shipped ones lie, and which folders are safe to load."""

from __future__ import annotations

from pathlib import Path

from quotestance.data.errors import QuotestanceError

SHIPPED = ("stance-small", "quotes-small")
SETTINGS_FILE = "quotestance.json"
FINGERPRINT_FILE = "training_fingerprint.json"  # what it was trained on, as digests: how leaks are found
REFUSED_ENDINGS = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".py", ".so"}


class ModelError(QuotestanceError):
    """A model that is absent, incomplete or not safe to load."""


def model_folder(name_or_folder: str | Path) -> Path:
    """The folder of a shipped model by name ('stance-small'), or the folder that is named. Raises ModelError."""
    if Path(name_or_folder).is_dir():
        return Path(name_or_folder)
    package = Path(__file__).resolve().parent.parent
    for home in (package / "shipped", package.parent.parent / "models"):
        if (home / str(name_or_folder) / "config.json").is_file():
            return home / str(name_or_folder)
    raise ModelError(
        f"There is no model '{name_or_folder}': neither a folder nor a shipped model ({', '.join(SHIPPED)})."
    )


def checked_folder(folder: str | Path, *, needs: str) -> Path:
    """The folder, if it holds safetensors weights and the settings file `needs`, and neither pickles, code nor outward links."""
    path = model_folder(folder)
    for name in ("config.json", "model.safetensors", needs):
        if not (path / name).is_file():
            raise ModelError(f"{path} has no {name}. A model folder is what 'quotestance train' writes.")
    root = path.resolve()
    for file in path.rglob("*"):
        if file.suffix.lower() in REFUSED_ENDINGS:
            raise ModelError(
                f"{file} could run code when loaded. Only safetensors weights are loaded; remove it if you trust the rest."
            )
        if not file.resolve().is_relative_to(root):
            raise ModelError(f"{file} points outside the model's folder.")
    return path
