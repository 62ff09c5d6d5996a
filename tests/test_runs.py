"""A run that is killed at any moment is finished by --resume to the bytes of an unbroken one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from quotestance.data.errors import FormatError
from quotestance.inference import writers
from quotestance.inference.predict import answered_rows
from quotestance.inference.progress import Summary
from quotestance.inference.readers import pair_rows
from quotestance.inference.runs import Plan, RunError, run
from quotestance.inference.sources import Sources
from quotestance.inference.writers import most_records, write_pair_records
from stance_by_words import StanceByWords

ROWS = 103
RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_runs import go
go(Path(sys.argv[2]), Path(sys.argv[3]), resume=True, pause=0.02)
"""


def table(path: Path, rows: int = ROWS) -> Path:
    lines = [{"id": f"i{n}", "text": f"Words {n}.", "target": f"plan {n % 7}", "mine": n} for n in range(rows)]
    lines[17]["target"] = lines[60]["text"] = ""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def go(
    source: Path, out: Path, *, resume: bool = False, pause: float = 0.0, strict: bool = False, **options: object
) -> Summary:
    model = StanceByWords(str(options.pop("revision", "1")), pause)
    plan = Plan({"model": f"{model.name}@{model.revision}", "abstain_below": None, **options}, rows_a_shard=5)
    reading = pair_rows(Sources([source], out=out))
    return run(
        reading, answered_rows(model), out, write=write_pair_records, plan=plan, resume=resume, strict=strict, sample=2
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_killed_at_any_moment_the_run_is_finished_to_the_same_bytes(tmp_path: Path, ending: str) -> None:
    source = table(tmp_path / "in.jsonl")
    go(source, tmp_path / "unbroken" / f"out.{ending}")
    out = tmp_path / "killed" / f"out.{ending}"
    parts = Path(f"{out}.parts")
    for shards in (0, 1, 4, 9, 15, 20):  # each time, the run goes on and is killed when so many shards are there
        process = subprocess.Popen([sys.executable, "-c", RUN, str(Path(__file__).parent), str(source), str(out)])
        while process.poll() is None and not (parts / f"{shards:08}.jsonl").is_file():
            time.sleep(0.001)
        process.kill()
        process.wait()
    go(source, out, resume=True)
    assert contents(tmp_path / "killed") == contents(tmp_path / "unbroken")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux which file was synced")
def test_every_file_that_got_its_name_has_it_on_the_disk_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, synced = list[str](), list[str]()
    replace, fsync = os.replace, os.fsync
    monkeypatch.setattr(os, "replace", lambda old, new: (replace(old, new), named.append(str(Path(new).parent))))
    monkeypatch.setattr(os, "fsync", lambda file: (fsync(file), synced.append(os.readlink(f"/proc/self/fd/{file}"))))
    go(table(tmp_path / "in.jsonl"), tmp_path / "runs" / "out.csv")
    folders = [path for path in synced if Path(path).name in ("runs", "out.csv.parts")]
    assert folders == named
    assert len(named) > ROWS // 5


@pytest.mark.parametrize("name", ["out.csv", "out"])
def test_stopped_before_any_move_of_a_file_the_run_is_finished_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    source = table(tmp_path / "in.jsonl")
    go(source, tmp_path / "unbroken" / name)
    replace = os.replace
    for last in count():
        moves = iter(range(last))

        def stopping(*places: Any, moves: Iterator[int] = moves) -> None:
            if next(moves, None) is None:
                raise KeyboardInterrupt
            replace(*places)

        out = tmp_path / f"stopped-{last}" / name
        go(source, out)  # what lies there from before
        monkeypatch.setattr(os, "replace", stopping)
        try:
            go(source, out)
            break
        except KeyboardInterrupt:
            monkeypatch.setattr(os, "replace", replace)
        go(source, out, resume=True)
        assert contents(out.parent) == contents(tmp_path / "unbroken"), last
    assert last > ROWS // 5  # a move a shard, and those at the beginning and the end


def test_rows_in_are_rows_out_and_rejects_in_order_with_their_extra_columns(tmp_path: Path) -> None:
    done = go(table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl")
    assert (done.rows_in, done.rows_out, done.rejects) == (ROWS, ROWS - 2, 2)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row["mine"] for row in rows] == [n for n in range(ROWS) if n not in (17, 60)]
    refused = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text("utf-8").splitlines()]
    assert [one["line"] for one in refused] == [18, 61]
    assert done.sample == tuple(rows[:2])
    assert "103 pairs in = 101 out + 2 rejected" in done.in_words("pairs")


def test_a_name_without_ending_is_a_folder_of_parquet_files_with_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = table(tmp_path / "in.jsonl")
    go(source, tmp_path / "one.parquet")
    monkeypatch.setattr(writers, "ROWS_A_FILE", 40)
    go(source, tmp_path / "many")
    assert [file.name for file in sorted((tmp_path / "many").iterdir())] == [f"part-{n:05}.parquet" for n in range(3)]
    assert pyarrow.parquet.read_table(tmp_path / "many").equals(pyarrow.parquet.read_table(tmp_path / "one.parquet"))
    assert go(source, tmp_path / "many", resume=True).already_complete


@pytest.mark.parametrize("begun", [False, True])
def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path, begun: bool) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "mine"
    if begun:
        go(source, out)
    out.mkdir(exist_ok=True)
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="other things"):
        go(source, out)
    assert (out / "thesis.txt").read_text() == "mine"


def interrupted(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch, after: int = 3) -> None:
    """A run that was stopped when `after` shards were there."""
    answer, calls = StanceByWords.predict_pairs, 0

    def stopping(self: StanceByWords, pairs: object) -> object:
        nonlocal calls
        calls += 1
        if calls > after:
            raise KeyboardInterrupt
        return answer(self, pairs)

    monkeypatch.setattr(StanceByWords, "predict_pairs", stopping)
    with pytest.raises(KeyboardInterrupt):
        go(source, out)
    monkeypatch.setattr(StanceByWords, "predict_pairs", answer)


def test_a_resumed_run_computes_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    interrupted(source, out, monkeypatch)
    assert go(source, out, resume=True).computed == ROWS - 15
    again = go(source, out, resume=True)
    assert again.already_complete
    assert (again.rows_in, again.computed) == (ROWS, 0)


def test_an_unfinished_run_is_not_begun_anew_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    interrupted(source, out, monkeypatch)
    with pytest.raises(RunError, match="--resume"):
        go(source, out)


@pytest.mark.parametrize("complete", [False, True])
def test_another_model_option_or_input_is_refused_with_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complete: bool
) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    if complete:
        go(source, out)
    else:
        interrupted(source, out, monkeypatch)
    with pytest.raises(RunError, match="model: was by-words@1, is by-words@2"):
        go(source, out, resume=True, revision="2")
    with pytest.raises(RunError, match=r"abstain below: was not given, is 0\.5"):
        go(source, out, resume=True, abstain_below=0.5)
    table(source, rows=ROWS + 1)
    with pytest.raises(RunError, match="files are not the same" if complete else r"in\.jsonl: its content changed"):
        go(source, out, resume=True)
    table(source)
    assert go(source, out, resume=True).rows_out == ROWS - 2


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_two_runs_on_one_output_are_refused_and_a_dead_one_holds_nothing(tmp_path: Path) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    process = subprocess.Popen([sys.executable, "-c", RUN, str(Path(__file__).parent), str(source), str(out)])
    try:
        while not Path(f"{out}.parts/00000000.jsonl").is_file():
            assert process.poll() is None
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGSTOP)  # so that it can't end meanwhile
        with pytest.raises(RunError, match=f"process {process.pid} is writing this output"):
            go(source, out, resume=True)
    finally:
        process.kill()
        process.wait()
    assert go(source, out, resume=True).rows_out == ROWS - 2


def test_strict_stops_at_the_first_bad_row(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"line 18.*target"):
        go(table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", strict=True)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_table_that_is_refused_whole_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("words,target\nx,y\nx,y\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"All 2 rows were refused.*no column 'text'"):
        go(tmp_path / "in.csv", tmp_path / "out.csv")
    assert not list(tmp_path.glob("out*"))


def test_more_articles_than_the_output_can_hold_are_refused_early(tmp_path: Path) -> None:
    assert most_records("out.json") == 1
    out = tmp_path / "out.jsonl"
    with pytest.raises(FormatError, match="at most 1 article,"):
        run(
            pair_rows(Sources([table(tmp_path / "in.jsonl")])),
            answered_rows(StanceByWords()),
            out,
            write=partial(write_pair_records),
            plan=Plan({}, rows_a_shard=5, most=1),
        )
    assert not list(tmp_path.glob("out*"))
