"""A run that is killed at any moment is finished by --resume to the bytes of an unbroken one."""

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, get_type_hints

import pandas as pd
import pyarrow.parquet
import pytest
from rich.console import Console

from quotestance.data.atomic import whole_file
from quotestance.data.errors import FormatError
from quotestance.data.pairs import Pair
from quotestance.data.records import Stance
from quotestance.inference import writers
from quotestance.inference.predict import answered_records, answered_rows
from quotestance.inference.progress import RunProgress, Summary
from quotestance.inference.readers import pair_rows, records
from quotestance.inference.rejects import Reject
from quotestance.inference.runs import AllRefusedError, Plan, RunError, _Run, run
from quotestance.inference.sources import Sources
from quotestance.inference.writers import most_records, write_article_records, write_pair_records
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
    assert [(one["line"], one["row"], one["id"]) for one in refused] == [(18, 18, "i17"), (61, 61, "i60")]
    assert [one["id"] for one in done.sample] == [row["id"] for row in rows[:2]]
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


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("name", ["mine.csv", "mine"])
def test_what_no_run_wrote_is_refused_before_anything_is_computed_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, resume: bool
) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / name
    mine = out if out.suffix else out / "part-00000.parquet"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("labelled by hand")
    before = contents(tmp_path)
    monkeypatch.setattr(StanceByWords, "predict_pairs", lambda *_: pytest.fail("computed for nothing"))
    with pytest.raises(
        RunError, match=rf"there is no {name}\.run\.json beside it.*Name another with --out, or move it"
    ):
        go(source, out, resume=resume)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["out.csv", "out"])
def test_a_run_may_be_done_again_over_its_own_output_until_somebody_changes_that(tmp_path: Path, name: str) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / name
    go(source, out)
    first = contents(tmp_path)
    go(source, out)
    assert contents(tmp_path) == first
    file = out / "part-00000.parquet" if out.is_dir() else out
    file.write_bytes(file.read_bytes() + b"corrected by hand\n")
    edited = contents(tmp_path)
    with pytest.raises(RunError, match=rf"its digest is not the one in {name}\.run\.json"):
        go(source, out)
    assert contents(tmp_path) == edited


def test_an_empty_file_holds_nothing_that_could_be_lost(tmp_path: Path) -> None:
    (tmp_path / "out.csv").touch()  # as mktemp makes it
    assert go(table(tmp_path / "in.jsonl"), tmp_path / "out.csv").rows_out == ROWS - 2


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


def test_strict_heeds_what_an_earlier_part_of_the_run_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, complete, stopped = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", tmp_path / "stopped.jsonl"
    assert go(source, complete).rejects
    interrupted(source, stopped, monkeypatch, after=5)  # line 18 is behind
    for out in (complete, stopped):
        before = contents(tmp_path)
        with pytest.raises(FormatError, match=r"line 18.*target"):
            go(source, out, resume=True, strict=True)
        assert contents(tmp_path).keys() - {f"{out.name}.parts/inputs.txt.new"} == before.keys()
        assert go(source, out, resume=True).rejects == 2


def test_a_table_that_is_refused_whole_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("words,target\nx,y\nx,y\n", encoding="utf-8")
    with pytest.raises(
        AllRefusedError, match=r"All 2 rows were refused.*no column 'text'.*out\.csv\.rejects\.jsonl"
    ) as told:
        go(tmp_path / "in.csv", tmp_path / "out.csv")
    assert "earlier run" not in str(told.value)
    (rejects,) = tmp_path.glob("out*")
    assert [json.loads(line)["line"] for line in rejects.read_text("utf-8").splitlines()] == [2, 3]


@pytest.mark.parametrize("name", ["out.jsonl", "out"])
def test_what_an_earlier_run_wrote_does_not_pass_for_that_of_a_run_that_refused_all(tmp_path: Path, name: str) -> None:
    out = tmp_path / "runs" / name
    go(table(tmp_path / "in.jsonl"), out)
    earlier = contents(out) if out.is_dir() else out.read_bytes()
    (tmp_path / "bad.csv").write_text("words,target\nx,y\nx,y\n", encoding="utf-8")
    with pytest.raises(AllRefusedError, match=r"is what an earlier run wrote; its out.*run\.json was removed"):
        go(tmp_path / "bad.csv", out)
    assert {path.name for path in out.parent.iterdir()} == {name, f"{name}.rejects.jsonl"}
    assert len(Path(f"{out}.rejects.jsonl").read_text("utf-8").splitlines()) == 2
    assert (contents(out) if out.is_dir() else out.read_bytes()) == earlier


class Never(StanceByWords):
    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        pytest.fail("computed for nothing")


def test_more_articles_than_the_output_can_hold_are_refused_before_anything_is_computed(tmp_path: Path) -> None:
    assert most_records("out.json") == 1
    rows = table(tmp_path / "in.jsonl")
    out = tmp_path / "out.jsonl"
    with pytest.raises(FormatError, match=r"at most 19 articles, .*Nothing was computed"):
        run(
            pair_rows(Sources([rows])),
            answered_rows(Never()),
            out,
            write=write_pair_records,
            plan=Plan({}, rows_a_shard=5, most=19),
        )
    assert not list(tmp_path.glob("out*"))


def test_rows_that_can_not_be_read_take_no_place_in_the_output(tmp_path: Path) -> None:
    reading = pair_rows(Sources([table(tmp_path / "in.jsonl")]))
    good = ROWS - sum(isinstance(item, Reject) for item in reading.items())
    assert good < ROWS
    assert [reading.more_than(most) for most in (0, good - 1, good, ROWS, ROWS + 1)] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("command", ["extract", "analyze", "predict"])
def test_the_help_says_how_many_articles_a_page_holds(command: str) -> None:
    function = getattr(import_module(f"quotestance.commands.{command}"), command)
    told = get_type_hints(function, include_extras=True)["out"].__metadata__[0].help
    assert f".html (at most {writers.MOST_ON_A_PAGE} articles)" in told


class Odd(StanceByWords):
    """Fails on some rows, and counts every pair of an odd number as cut."""

    def __init__(self, fails: str) -> None:
        super().__init__()
        self.fails, self.cut = fails, 0

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        if any(self.fails in pair.text for pair in pairs):
            raise IndexError("index 512 is out of range")
        self.cut += sum(int(pair.id[1:]) % 2 for pair in pairs)
        return super().predict_pairs(pairs)


def go_odd(source: Path, out: Path, fails: str, *, resume: bool = False) -> Summary:
    plan, sources = Plan({}, rows_a_shard=5), Sources([source], out=out)
    work = answered_rows(Odd(fails))
    return run(pair_rows(sources), work, out, write=write_pair_records, plan=plan, resume=resume)


def test_a_row_on_which_the_model_fails_is_a_reject_and_the_others_of_its_shard_are_answered(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = go_odd(table(tmp_path / "in.jsonl"), out, "Words 33.")
    assert (done.rows_out, done.rejects) == (ROWS - 3, 3)
    refused = [json.loads(line) for line in Path(f"{out}.rejects.jsonl").read_text("utf-8").splitlines()]
    at = refused[1]["row"]
    assert (refused[1]["id"], refused[1]["line"]) == ("i33", at)
    assert json.loads((tmp_path / "in.jsonl").read_text("utf-8").splitlines()[at - 1])["id"] == "i33"
    assert Path(refused[1]["file"]).name == "in.jsonl"
    assert "the model failed on it (IndexError: index 512" in refused[1]["reason"]


def test_an_article_with_labels_that_the_model_does_not_answer_in_is_a_reject_that_names_both(tmp_path: Path) -> None:
    record = {
        "format": "quotestance/1",
        "text": "Yes, she said.",
        "targets": [{"id": "t", "name": "the plan"}],
        "quotes": [{"id": "q", "spans": [{"start": 0, "end": 3, "text": "Yes"}], "stances": [{"target": "t"}]}],
    }
    lines = [{**record, "id": "a"}, {**record, "id": "b", "labels": ["pro", "con"]}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    out, sources = tmp_path / "out.jsonl", Sources([tmp_path / "in.jsonl"])
    done = run(records(sources), answered_records(StanceByWords()), out, write=write_article_records, plan=Plan({}))
    assert (done.rows_out, done.rejects) == (1, 1)
    refused = json.loads(Path(f"{out}.rejects.jsonl").read_text("utf-8"))
    assert (refused["line"], refused["id"]) == (2, "b")
    assert "its labels are pro, con, but by-words answers favor, against, neutral" in refused["reason"]


def test_a_model_that_fails_on_every_row_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        go_odd(table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", "Words")


def test_the_summary_tells_why_rows_were_refused_also_after_a_stop_and_of_a_run_that_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, unbroken, out = table(tmp_path / "in.jsonl"), tmp_path / "unbroken.jsonl", tmp_path / "out.jsonl"
    told = go(source, unbroken).reasons
    assert [rows for _, rows in told] == [2]
    interrupted(source, out, monkeypatch, after=5)  # line 18 is behind
    assert go(source, out, resume=True).reasons == told
    assert go(source, out, resume=True).reasons == told


def test_what_was_cut_is_counted_with_its_shard_and_survives_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    whole = go_odd(source, tmp_path / "unbroken.jsonl", "none")
    assert whole.cut == ROWS // 2 - 1  # of the two that were refused, one has an odd number
    keep = _Run._keep
    monkeypatch.setattr(_Run, "_keep", lambda self, number, done: keep(self, number, done) if number < 3 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        go_odd(source, out, "none")
    monkeypatch.setattr(_Run, "_keep", keep)
    assert go_odd(source, out, "none", resume=True).cut == whole.cut
    assert go_odd(source, out, "none", resume=True).cut == whole.cut
    assert json.loads(Path(f"{out}.run.json").read_text("utf-8"))["cut"] == whole.cut


@pytest.mark.parametrize("name", ["out.jsonl", "out"])
@pytest.mark.parametrize("lost", ["output", "rejects"])
def test_an_output_that_is_no_more_what_was_written_is_not_called_complete(
    tmp_path: Path, name: str, lost: str
) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / name
    go(source, out)
    assert go(source, out, resume=True).already_complete
    file = Path(f"{out}.rejects.jsonl") if lost == "rejects" else next(out.iterdir()) if out.is_dir() else out
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(RunError, match="no more what the run wrote"):
        go(source, out, resume=True)


def test_rows_of_a_broken_part_of_parquet_are_counted_as_refused(tmp_path: Path) -> None:
    source, frame = tmp_path / "in.parquet", pd.DataFrame({"text": [f"Words {n}." for n in range(30)], "target": "it"})
    frame.to_parquet(source, row_group_size=10, compression="none", use_dictionary=False, write_statistics=False)
    content = bytearray(source.read_bytes())
    place = content.index(b"Words 10.")
    content[place - 20 : place] = b"\xff" * 20
    source.write_bytes(bytes(content))
    done = go(source, tmp_path / "out.jsonl")
    assert (done.rows_in, done.rows_out, done.rejects) == (30, 20, 10)


def test_an_input_that_changes_during_the_run_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    answer = StanceByWords.predict_pairs

    def growing(self: StanceByWords, pairs: Sequence[Pair]) -> list[Stance]:
        with open(source, "a", encoding="utf-8") as lines:
            lines.write('{"id": "more", "text": "More.", "target": "it"}\n')
        return answer(self, pairs)

    monkeypatch.setattr(StanceByWords, "predict_pairs", growing)
    with pytest.raises(FormatError, match=r"in\.jsonl: this file was changed"):
        go(source, out)
    assert not out.exists()


def test_a_run_of_another_format_is_told_apart_from_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    interrupted(source, out, monkeypatch)
    manifest = Path(f"{out}.parts/run.json")
    manifest.write_text(manifest.read_text("utf-8").replace("quotestance-run/2", "quotestance-run/1"), encoding="utf-8")
    with pytest.raises(RunError, match=r"begun by another version of quotestance \(quotestance-run/1"):
        go(source, out, resume=True)


@pytest.mark.parametrize("ending", ["csv.gz", "jsonl.zst", "csv", "parquet"])
def test_the_share_that_is_done_follows_the_bytes_of_the_file_also_when_it_is_packed(
    tmp_path: Path, ending: str
) -> None:
    letters, rows = random.Random(1), 20_000
    texts = ["".join(letters.choices("abcdefgh ", k=80)) for _ in range(rows)]
    source, frame = tmp_path / f"in.{ending}", pd.DataFrame({"text": texts, "target": "it"})
    if ending == "parquet":
        frame.to_parquet(source)
    else:
        words = frame.to_csv(index=False) if "csv" in ending else frame.to_json(orient="records", lines=True)
        with whole_file(source) as stream:
            stream.write(words.encode())
    reading = pair_rows(Sources([source]))
    list(reading.sources.digests())
    items = reading.items()
    for _ in range(rows // 2):
        next(items)
    assert 0.4 < reading.share < 0.65
    list(items)
    assert reading.share == 1


def test_progress_shows_rows_rate_rejects_and_share_on_a_terminal_and_nothing_elsewhere() -> None:
    for terminal in (True, False):
        screen = io.StringIO()
        with RunProgress("pairs", Console(file=screen, force_terminal=terminal, width=120)) as progress:
            progress.checking(3, 5 << 20)
            progress._bar and progress._bar.refresh()
            progress.show(100, 0, 0.0)
            progress.show(1100, 7, 0.25)
            progress._bar and progress._bar.refresh()
        shown = screen.getvalue()
        if terminal:
            assert "checking the input: 3 files, 5 MiB" in shown
            assert re.search(r"25%.*1,100 pairs, [\d,.]+ a second, 7 rejected", shown)
        else:
            assert shown == ""
