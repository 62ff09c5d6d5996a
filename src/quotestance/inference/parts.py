"""What belongs to an output: the file or folder itself, its parts while it is made, its rejects and its manifest after."""

from __future__ import annotations

import os
import shutil
from fnmatch import fnmatch
from itertools import count
from pathlib import Path

from quotestance.data.atomic import holds_nothing
from quotestance.data.digests import file_digest, listed_digest

MANIFEST, INPUTS, LOCK = "run.json", "inputs.txt", "lock"


class Parts:
    """The places of an output. They are told apart from all others by their whole names, not by how these begin."""

    def __init__(self, out: str | Path) -> None:
        self.out = Path(os.path.realpath(out))
        self.folder = self.out.with_name(self.out.name + ".parts")
        self.rejects = self.out.with_name(self.out.name + ".rejects.jsonl")
        self.manifest = self.out.with_name(self.out.name + ".run.json")
        self.names = frozenset(place.name for place in (self.out, self.folder, self.rejects, self.manifest))

    def hold(self, path: Path) -> bool:
        """Whether a file or folder is one of these places, or lies in one."""
        place = Path(os.path.realpath(path))
        return any(one.name in self.names and one.parent == self.out.parent for one in (place, *place.parents))

    @property
    def begun(self) -> bool:
        return (self.folder / MANIFEST).is_file()

    @property
    def complete(self) -> bool:
        return not self.begun and self.manifest.is_file() and self.out.exists()

    @property
    def empty(self) -> bool:
        """Whether nothing lies at `out` that could be lost."""
        return holds_nothing(self.out)

    @property
    def holds_other_things(self) -> bool:
        """Whether a folder lies at `out` with files that are called as no run calls them."""
        return self.out.is_dir() and not all(fnmatch(file.name, "part-*.parquet") for file in self.out.iterdir())

    def shard(self, number: int) -> Path:
        return self.folder / f"{number:08}.jsonl"

    def rejects_of(self, number: int) -> Path:
        return self.folder / f"{number:08}.rejects.jsonl"

    def counts_of(self, number: int) -> Path:
        return self.folder / f"{number:08}.counts.jsonl"

    def digests(self) -> dict[str, str | None]:
        """The SHA-256 of the output (of a folder: of its files' names and digests) and of the rejects, where there are any."""
        if self.out.is_dir():
            out = listed_digest((file.name, file) for file in sorted(self.out.iterdir()))
        else:
            out = file_digest(self.out)
        return {"out": out, "rejects": file_digest(self.rejects) if self.rejects.is_file() else None}

    def shards(self) -> int:
        """How many shards are there without a gap."""
        return next(number for number in count() if not self.shard(number).is_file())

    def clear(self) -> None:
        """Remove everything but the lock, the manifest first: what lies there without one is nothing."""
        (self.folder / MANIFEST).unlink(missing_ok=True)
        for file in self.folder.iterdir():
            if file.is_dir():
                shutil.rmtree(file)
            elif file.name != LOCK:
                file.unlink()
