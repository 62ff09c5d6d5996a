"""A loaded model in a forked process: one thread, as the pool of threads stays with the parent and waiting for it never ends."""

from __future__ import annotations

import os
from functools import cache

import torch


@cache
def make_forks_safe() -> None:
    """From now on, processes forked from this one compute with one thread each.

    OpenMP's threads don't come along when a process forks, but the child waits for them: measured with torch 2.13 on
    Linux, a prediction after a fork never returns. (Several forked workers use all cores nevertheless.)
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))
