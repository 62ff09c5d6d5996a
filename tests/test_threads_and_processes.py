"""A model that is loaded once answers the same from threads, after a fork, and in a spawned process."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quotestance.bench.made_up import made_pairs
from quotestance.models import load_quote_finder
from quotestance.models.pipeline import Analyst
from quotestance.models.stance import StanceClassifier

PAIRS = made_pairs(12)
FORK = """
import os, torch
from quotestance.models.stance import StanceClassifier
from test_threads_and_processes import PAIRS, close
torch.set_num_threads(2)
model = StanceClassifier.from_pretrained("stance-small", device="cpu", precision="fp32")
wanted = model.probabilities(PAIRS).tolist()
child = os.fork()
if child == 0:
    os._exit(0 if close(wanted, model.probabilities(PAIRS).tolist()) else 3)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
assert torch.get_num_threads() == 2
"""

SEEDS = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.parent.glob("seeds/*.txt"))]
FORK_EXTRACTS = """
import os, torch
from test_threads_and_processes import SEEDS, extracting
torch.set_num_threads(2)
analyst = extracting()
wanted = [analyst.extract(text) for text in SEEDS]
assert all(article.quotes for article in wanted)
child = os.fork()
if child == 0:
    os._exit(0 if wanted == [analyst.extract(text) for text in SEEDS] else 3)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
"""


def extracting() -> Analyst:
    return Analyst(load_quote_finder("quotes-small", device="cpu", precision="fp32"))


def answered_elsewhere(_: object = None) -> list[list[float]]:
    """What a process of its own answers; at the top of the file, so that it can be handed to one."""
    model = StanceClassifier.from_pretrained("stance-small", device="cpu", precision="fp32")
    return model.probabilities(PAIRS).tolist()  # type: ignore[no-any-return]


def close(one: list[list[float]], other: list[list[float]]) -> bool:
    """Alike up to rounding, which the number of threads changes in the last digits."""
    return all(
        abs(p - q) < 1e-5 for row, again in zip(one, other, strict=True) for p, q in zip(row, again, strict=True)
    )


def test_four_threads_are_answered_at_once_as_one_is() -> None:
    model = StanceClassifier.from_pretrained("stance-small", device="cpu", precision="fp32")
    wanted = model.predict_pairs(PAIRS)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(model.predict_pairs, [PAIRS] * 8)) == [wanted] * 8


def test_two_threads_find_in_their_texts_at_once_what_one_finds() -> None:
    analyst = extracting()
    wanted = [analyst.extract(text) for text in SEEDS]
    assert len(wanted) > 1
    assert all(article.quotes for article in wanted)
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(analyst.extract, SEEDS * 2)) == wanted * 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("program", [FORK, FORK_EXTRACTS], ids=["stances", "quotes"])
def test_a_fork_of_a_process_that_has_answered_answers_too(program: str) -> None:
    folder = os.path.dirname(__file__)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([folder, *sys.path])}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=120)


@pytest.mark.slow
def test_spawned_processes_answer_as_this_one_does() -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        here = answered_elsewhere()
        assert all(close(here, there) for there in pool.map(answered_elsewhere, range(2)))
