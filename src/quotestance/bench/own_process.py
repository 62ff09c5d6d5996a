"""Work in a process of its own, where nothing else was loaded: for start-up times and peaks of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

CODE = "import json, sys; from {module} import {name}; print(json.dumps({name}(**json.load(sys.stdin))))"


def done_alone(work: Callable[..., dict[str, Any]], **asked: Any) -> dict[str, Any]:
    """What `work` (a function at the top of its file) returns for the arguments `asked` in a fresh process; both must be JSON."""
    code = CODE.format(module=work.__module__, name=work.__name__)
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
