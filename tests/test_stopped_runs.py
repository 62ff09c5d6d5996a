"""A run that is killed, meets a full disk or gets Ctrl-C is finished by --resume to the bytes of an unbroken one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from test_runs import RUN, contents, go, table

TESTS = Path(__file__).parent
KILLS = 20
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n" + RUN
COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it, and so does this then
sys.path.insert(0, sys.argv.pop(1))
import quotestance.models
from stance_by_words import StanceByWords
quotestance.models.load_stance_model = lambda *_, **__: StanceByWords(pause={pause})
from quotestance.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["jsonl", "csv.gz", "parquet"])
def test_killed_at_twenty_random_moments_the_run_is_finished_to_the_same_bytes(tmp_path: Path, ending: str) -> None:
    source = table(tmp_path / "in.jsonl")
    unbroken = tmp_path / "unbroken" / f"out.{ending}"
    command = [sys.executable, "-c", RUN, str(TESTS), str(source)]
    started = time.monotonic()
    subprocess.run([*command, str(unbroken)], check=True)
    whole = time.monotonic() - started
    moments, died = random.Random(ending), 0
    for number in range(KILLS):
        out = tmp_path / f"killed-{number}" / f"out.{ending}"
        process = subprocess.Popen([*command, str(out)])
        time.sleep(moments.uniform(0.3, 1) * whole)  # in the first third, Python is only starting
        process.kill()
        died += process.wait() != 0
        go(source, out, resume=True)
        assert contents(out.parent) == contents(unbroken.parent), number
    assert died > KILLS / 2


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on the size of files")
@pytest.mark.parametrize(("limit", "ending"), [(400, "jsonl"), (4000, "jsonl"), (4000, "csv"), (4000, "parquet")])
def test_a_disk_that_is_full_is_an_error_that_says_so_and_the_run_can_be_resumed(
    tmp_path: Path, limit: int, ending: str
) -> None:
    """400 bytes are less than a shard, 4,000 less than the whole output alone."""
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "full" / f"out.{ending}"
    code = LIMITED.format(limit=limit)
    done = subprocess.run(
        [sys.executable, "-c", code, str(TESTS), str(source), str(out)], capture_output=True, text=True
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "RunError" in last
    assert "can't be written or read" in last
    assert "--resume" in last
    assert not out.exists()
    go(source, out, resume=True)
    go(source, tmp_path / "unbroken" / f"out.{ending}")
    assert contents(out.parent) == contents(tmp_path / "unbroken")


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_exits_with_130_says_how_to_go_on_and_leaves_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    source, out = table(tmp_path / "in.jsonl", rows=5000), tmp_path / "out.jsonl"
    slow, fast = (
        [sys.executable, "-c", COMMAND.format(pause=pause), str(TESTS), "predict", str(source), "--out", str(out)]
        for pause in (2, 0)
    )
    process = subprocess.Popen(slow, stderr=subprocess.PIPE, text=True)
    while not Path(f"{out}.parts/00000000.jsonl").is_file():
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "--resume" in told
    assert "Traceback" not in told
    resumed = subprocess.run([*fast, "--resume"], capture_output=True, text=True, check=True)
    assert f"{5000:,} pairs in = {4998:,} out + 2 rejected, " in resumed.stdout
    assert "of them in an earlier run" in resumed.stdout
