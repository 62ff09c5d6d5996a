"""The shards of a run computed by the workers of a Ray cluster, and handed to the run in their order.

One task reads, on the machine that the run was started on; a pool of actors does the work of the local engine, a shard
at a time; what they answer comes back in order, and is kept and written by `runs.run` as ever. So rows, rejects, shards
and `--resume` are those of the local engine. A worker that dies is replaced, and its shard computed again.
"""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from quotestance.data.errors import QuotestanceError
from quotestance.inference.readers import Reading
from quotestance.inference.rejects import Reject, rows_of
from quotestance.inference.runs import RunError, Work, Worked, worked
from quotestance.inference.software import COMPUTING, versions

MISSING = "Ray is not installed. Install it: pip install 'quotestance[ray]'"
START_HERE = "local"
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray tells its makers of its use unless told not to
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # as in Ray's next version: no warning that it will be so
}


@contextmanager
def cluster(address: str | None = None, *, workers: int | None = None, device: str | None = None) -> Iterator[Cluster]:
    """The cluster at `address` (else RAY_ADDRESS, else one that is started here and stopped at the end).

    `workers` is the number of processes that compute; by default one a GPU, or one a core where there is none, or where
    `device` is 'cpu'. A connection that this process has already is used, and left open. Raises RunError where Ray is
    not installed, and where there is no such cluster or device.
    """
    try:
        import ray.data
    except ImportError:
        raise RunError(MISSING) from None
    if workers is not None and workers < 1:
        raise RunError(f"--workers is a number of processes, at least 1, not {workers}.")
    own = not ray.is_initialized()
    if own:
        _connect(address or os.environ.get("RAY_ADDRESS") or START_HERE, workers)
    try:
        cores, gpus = (int(ray.cluster_resources().get(kind, 0)) for kind in ("CPU", "GPU"))
        kind = (device or ("cuda" if gpus else "cpu")).partition(":")[0]  # a worker sees no other GPU than its own
        if kind == "cuda" and not gpus:
            raise RunError("The cluster has no GPU. Leave --device out, or say --device cpu.")
        yield Cluster(workers or (gpus if kind == "cuda" else max(1, cores)), kind)
    finally:
        if own:
            ray.shutdown()


@dataclass(frozen=True)
class Cluster:
    """So many workers, each with a core or a GPU (`device` 'cpu' or 'cuda') to itself."""

    workers: int
    device: str

    @property
    def share(self) -> dict[str, int]:
        """What Ray shall set aside for a worker."""
        return {"num_cpus": 0, "num_gpus": 1} if self.device == "cuda" else {"num_cpus": 1, "num_gpus": 0}

    def chosen(self, precision: str) -> str:
        """'fp32' or 'bf16': what `precision` means for all workers. 'auto' is measured on one of them."""
        import ray

        return str(ray.get(ray.remote(**self.share)(_chosen).remote(precision, self.device)))

    def by_name(self, load: Callable[..., Any], name: str | Path, here: Any, **options: Any) -> Any:
        """The model `here`, but pickled as `load(name, device=…, **options)`: each worker loads it on its own device.

        The folder of a model must be found there by the same path. If it holds another model than the one here, the
        worker refuses it.
        """
        place = os.path.abspath(name) if os.path.isdir(name) else str(name)
        return _ByName(here, (load, place, {"device": self.device, **options}, _identity(here)))

    def spread(self, reading: Reading[Any], work: Work[Any], *, rows_a_shard: int) -> tuple[Reading[Any], Work[Any]]:
        """What `runs.run` takes in place of `reading` and `work`, so that the workers compute its shards ahead of it.

        `work` is pickled, so let its models be `by_name`. `rows_a_shard` is that of the run's plan.
        """
        ahead = _Ahead(reading, work, rows_a_shard, self)
        return ahead, _Elsewhere(ahead)


class _ByName:
    """A model that is pickled as the call that loads it."""

    def __init__(self, here: Any, call: tuple[Any, ...]) -> None:
        self._here, self._call = here, call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._here, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return _loaded, self._call


def _loaded(load: Callable[..., Any], name: str, options: dict[str, Any], wanted: dict[str, Any]) -> Any:
    model = load(name, **options)
    found = _identity(model)
    for what, here in wanted.items():
        if found.get(what) != here:
            raise RunError(
                f"{name}: a worker found {what} {found.get(what)} there instead of {here}. Copy what is on this machine "
                "to the worker's."
            )
    return model


def _identity(model: Any) -> dict[str, Any]:
    """What must be the same on all machines."""
    from quotestance.models.folders import model_digest

    signed = f"{model.name}@{model.revision}"
    return {"the model": signed, "a model folder of digest": model_digest(model), **versions(COMPUTING)}


def _connect(address: str, workers: int | None) -> None:
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    size: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False} if address == START_HERE else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", **size)
    except (ConnectionError, ValueError, RuntimeError) as problem:
        raise RunError(
            f"There is no Ray cluster at '{address}' ({problem}). Name another with --ray-address."
        ) from None


def _chosen(precision: str, kind: str) -> str:
    import torch

    from quotestance.models.precision import chosen

    return chosen(precision, torch.device(kind))


@dataclass(frozen=True)
class _Row:
    """What is left of an item that was worked on elsewhere."""

    id: str


class _Ahead(Reading[Any]):
    """The items of another reading as their shards come back computed; `last` is the one that they were of."""

    def __init__(self, reading: Reading[Any], work: Work[Any], rows_a_shard: int, there: Cluster) -> None:
        self.sources, self.count = reading.sources, 0
        self._reading, self._work, self._size, self._there = reading, work, rows_a_shard, there
        self._share, self.last = 0.0, Worked([], [], 0)

    @property
    def share(self) -> float:
        return self._share

    def more_than(self, most: int) -> bool:
        return self._reading.more_than(most)

    def placed(self, skip: int = 0) -> Iterator[Any]:
        """The rows (by their ids) and rejects in order, without the first `skip`: a multiple of the rows a shard."""
        for number, done in enumerate(self._computed(skip)):
            if done["number"] != number:
                raise RunError(f"Ray handed over shard {done['number']} in place of shard {number}. This is a bug.")
            computed = pickle.loads(done["computed"])
            if isinstance(computed, QuotestanceError):
                raise computed
            self._share, self.count = done["share"], done["before"]
            if computed.items:
                self.last = computed
            for row in computed.items:
                self.count += rows_of(row)
                yield row

    def _computed(self, skip: int) -> Iterator[dict[str, Any]]:
        from ray import cloudpickle
        from ray.data import ActorPoolStrategy, DataContext, read_datasource
        from ray.exceptions import RaySystemError

        settings = DataContext.get_current()
        settings.execution_options.preserve_order = True
        settings.enable_progress_bars = False
        settings.target_max_block_size = 1  # bytes: every shard is a block, and goes to whoever is free
        shards = read_datasource(_datasource(self._reading, skip, self._size), override_num_blocks=1, **_here())
        computed = shards.map_batches(
            _Worker,
            fn_constructor_args=(cloudpickle.dumps(self._work),),
            batch_size=None,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=self._there.workers),
            num_cpus=self._there.share["num_cpus"],
            num_gpus=self._there.share["num_gpus"],
        )
        try:
            yield from computed.iter_rows()
        except RaySystemError as problem:
            raise RunError(
                f"The cluster is lost ({problem}). What was computed is kept: --resume goes on."
            ) from problem


class _Elsewhere:
    """The work of a run that was done by others: it hands over the answers to the shard that came last."""

    def __init__(self, ahead: _Ahead) -> None:
        self.ahead, self.cut = ahead, 0

    def __call__(self, asked: Sequence[Any]) -> list[dict[str, Any]]:
        self.cut += self.ahead.last.cut
        return self.ahead.last.answers


class _Worker:
    """An actor: the work, with its models loaded when the first shard comes, done on one shard at a time."""

    def __init__(self, pickled: bytes) -> None:
        self.pickled = pickled
        self.work: Work[Any] | None = None

    def __call__(self, block: Any) -> Any:
        import pyarrow

        computed = [pickle.dumps(self.computed(pickle.loads(shard))) for shard in block["shard"].to_pylist()]
        return block.drop_columns("shard").append_column("computed", pyarrow.array(computed, pyarrow.large_binary()))

    def computed(self, shard: list[Any] | QuotestanceError) -> Worked | QuotestanceError:
        """The shard with its rows by their ids, or the error to raise in its place."""
        if isinstance(shard, QuotestanceError):
            return shard
        try:
            self.work = self.work or pickle.loads(self.pickled)
            done = worked(self.work, shard)
        except QuotestanceError as problem:
            return problem
        return replace(
            done, items=[one if isinstance(one, Reject) else replace(one, item=_Row(one.id)) for one in done.items]
        )


def _datasource(reading: Reading[Any], skip: int, size: int) -> Any:
    """A Ray Data source with one task: the shards of a reading, a block each, and an empty one that tells the count."""
    from ray.data import Datasource, ReadTask
    from ray.data.block import BlockMetadata

    folder = os.getcwd()

    def read() -> Iterator[Any]:
        os.chdir(folder)  # names of files may be relative
        items, number, shard = reading.placed(skip=skip), -1, list[Any]()
        while number < 0 or shard:
            try:
                number, shard = number + 1, list(islice(items, size))
            except QuotestanceError as problem:  # as of an input that was changed meanwhile
                yield _block(number + 1, problem, reading)
                return
            yield _block(number, shard, reading)

    class Shards(Datasource):  # type: ignore[misc]
        def estimate_inmemory_data_size(self) -> None:
            return None

        def get_read_tasks(self, *_: Any, **__: Any) -> list[Any]:
            return [ReadTask(read, BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None))]

    return Shards()


def _block(number: int, shard: list[Any] | QuotestanceError, reading: Reading[Any]) -> Any:
    import pyarrow

    rows = 0 if isinstance(shard, QuotestanceError) else sum(map(rows_of, shard))

    return pyarrow.table(
        {
            "number": [number],
            "before": [reading.count - rows],
            "share": [reading.share],
            "shard": pyarrow.array([pickle.dumps(shard)], pyarrow.large_binary()),
        }
    )


def _here() -> dict[str, Any]:
    """Options of a task that must run on this machine, which has the files, and takes no worker's place."""
    import ray

    return {"num_cpus": 0, "label_selector": {"ray.io/node-id": ray.get_runtime_context().get_node_id()}}
