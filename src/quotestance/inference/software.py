"""Which versions of Python and libraries are at work here: with others the same weights may give other digits."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

COMPUTING = ("quotestance", "torch", "transformers", "tokenizers", "numpy")
READING_AND_WRITING = ("pyarrow", "trafilatura")


def versions(libraries: Iterable[str] = (*COMPUTING, *READING_AND_WRITING)) -> dict[str, str]:
    """Python and each library that is installed, by its version without the name of the build (`+cpu`)."""
    found = {"python": ".".join(map(str, sys.version_info[:2]))}
    for library in libraries:
        try:
            found[library] = version(library).partition("+")[0]
        except PackageNotFoundError:
            continue
    return found
