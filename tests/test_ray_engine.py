"""A Ray cluster of several processes computes what one process does, also when a worker is killed in the middle."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from quotestance.commands import batch_run
from quotestance.data.errors import QuotestanceError
from quotestance.data.pairs import Pair
from quotestance.data.records import Stance
from quotestance.inference import ray_engine
from quotestance.inference.predict import answered_rows
from quotestance.inference.ray_engine import Cluster
from quotestance.inference.readers import pair_rows
from quotestance.inference.runs import Plan, RunError, run
from quotestance.inference.sources import Sources
from quotestance.inference.writers import write_pair_records
from stance_by_words import StanceByWords
from test_runs import ROWS, Odd, contents, go, go_odd, interrupted, table

SEEDS = Path(__file__).parent.parent / "seeds"
DIES_AT = "Words 50."


class LeavingTracks(StanceByWords):
    """Writes down who answered what, in `folder`; with `dies`, its process is killed at one pair, the first time."""

    def __init__(self, folder: Path, *, dies: bool = False) -> None:
        super().__init__(pause=0.05)
        self.folder, self.dies = folder, dies

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        if self.dies and any(pair.text == DIES_AT for pair in pairs) and not (self.folder / "killed").exists():
            (self.folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        with open(self.folder / f"{os.getpid()}", "a") as tracks:
            tracks.write(f"{len(pairs)}\n")
        return super().predict_pairs(pairs)


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Cluster]:
    pytest.importorskip("ray.data", reason="Ray is not installed (quotestance[ray])")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
        with ray_engine.cluster("local", workers=2) as cluster:
            yield cluster


def spread(cluster: Cluster, source: Path, out: Path, model: StanceByWords, *, resume: bool = False) -> int:
    """The run of test_runs, computed by the cluster."""
    plan = Plan({"model": f"{model.name}@{model.revision}", "abstain_below": None}, rows_a_shard=5)
    reading, work = cluster.spread(
        pair_rows(Sources([source], out=out)), answered_rows(model), rows_a_shard=plan.rows_a_shard
    )
    return run(reading, work, out, write=write_pair_records, plan=plan, resume=resume).computed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet", "out"])
def test_two_workers_write_what_one_process_writes(two_workers: Cluster, tmp_path: Path, name: str) -> None:
    source, tracks = table(tmp_path / "in.jsonl"), tmp_path / "tracks"
    tracks.mkdir()
    go(source, tmp_path / "local" / name)
    assert spread(two_workers, source, tmp_path / "ray" / name, LeavingTracks(tracks)) == ROWS
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
    assert len(list(tracks.iterdir())) == 2  # both worked


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_no_row_and_doubles_none(two_workers: Cluster, tmp_path: Path) -> None:
    source, tracks = table(tmp_path / "in.jsonl"), tmp_path / "tracks"
    tracks.mkdir()
    go(source, tmp_path / "local" / "out.jsonl")
    spread(two_workers, source, tmp_path / "ray" / "out.jsonl", LeavingTracks(tracks, dies=True))
    assert (tracks / "killed").exists()
    assert len(list(tracks.iterdir())) == 1 + 3  # the one that was killed had answered before; another took its place
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


@pytest.mark.slow
def test_what_one_process_began_is_finished_by_the_cluster(
    two_workers: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = table(tmp_path / "in.jsonl")
    go(source, tmp_path / "local" / "out.jsonl")
    (tmp_path / "ray").mkdir()
    interrupted(source, tmp_path / "ray" / "out.jsonl", monkeypatch)
    assert spread(two_workers, source, tmp_path / "ray" / "out.jsonl", StanceByWords(), resume=True) == ROWS - 15
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


class Broken(StanceByWords):
    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        raise QuotestanceError("The model is broken. Mend it.")


@pytest.mark.slow
def test_what_workers_had_to_cut_is_counted_and_an_input_that_changes_is_told(
    two_workers: Cluster, tmp_path: Path
) -> None:
    source, here, there = table(tmp_path / "in.jsonl"), tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    done = go_odd(source, here, "Words 33.")
    plan, sources = Plan({}, rows_a_shard=5), Sources([source], out=there)
    reading, work = two_workers.spread(pair_rows(sources), answered_rows(Odd("Words 33.")), rows_a_shard=5)
    spread_out = run(reading, work, there, write=write_pair_records, plan=plan)
    assert (spread_out.cut, spread_out.rejects, spread_out.rows_out) == (done.cut, done.rejects, done.rows_out)
    assert there.read_bytes() == here.read_bytes()
    list(sources.digests())
    table(source, rows=ROWS + 1)
    with pytest.raises(QuotestanceError, match="this file was changed"):
        list(two_workers.spread(pair_rows(sources), answered_rows(Odd("none")), rows_a_shard=5)[0].items())


@pytest.mark.slow
def test_an_error_of_a_worker_is_told_in_its_words(two_workers: Cluster, tmp_path: Path) -> None:
    with pytest.raises(QuotestanceError, match=r"^The model is broken\. Mend it\.$"):
        spread(two_workers, table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", Broken())


@pytest.mark.slow
@pytest.mark.parametrize("command", ["predict", "analyze"])
def test_the_commands_give_the_same_rows_with_either_engine(tmp_path: Path, command: str) -> None:
    pytest.importorskip("ray.data", reason="Ray is not installed (quotestance[ray])")
    piped = table(tmp_path / "pairs.jsonl", rows=90).read_bytes()
    given = {
        "predict": ["-"],
        "analyze": [*map(str, sorted(SEEDS.glob("*.txt"))), "--target", "the plan"],
    }[command]
    rows = {}
    for engine, more in {"local": [], "ray": ["--workers", "2"]}.items():
        out = tmp_path / f"{engine}.jsonl"
        options = ["--engine", engine, *more, "--precision", "fp32", "--device", "cpu", "--out", str(out)]
        whole = [sys.executable, "-m", "quotestance.cli", command, *given, *options]
        subprocess.run(whole, check=True, cwd=tmp_path, input=piped)
        rows[engine] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert rows["local"]
    assert [rounded(row) for row in rows["ray"]] == [rounded(row) for row in rows["local"]]


def rounded(value: object) -> object:
    """Probabilities to three places: another number of threads adds in another order."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return pytest.approx(value, abs=1e-3) if isinstance(value, float) else value


def test_without_ray_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(RunError, match=r"pip install 'quotestance\[ray\]'"),
        batch_run.cluster_of(batch_run.Engine.RAY, address=None, workers=None, device=None),
    ):
        pass


def test_options_of_ray_are_refused_without_it() -> None:
    with pytest.raises(QuotestanceError, match="--engine ray"):
        batch_run.cluster_of(batch_run.Engine.LOCAL, address=None, workers=2, device=None)


def test_a_worker_refuses_another_model_than_the_one_here(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Cluster(1, "cpu").by_name(there, "1", StanceByWords("1"))
    load, arguments = model.__reduce__()
    assert (model.revision, load(*arguments).revision) == ("1", "1")
    other = Cluster(1, "cpu").by_name(there, "2", StanceByWords("1"))
    load, arguments = other.__reduce__()
    with pytest.raises(RunError, match="by-words@2 there instead of by-words@1"):
        load(*arguments)


def there(name: str, device: str) -> StanceByWords:
    return StanceByWords(name)
