"""Files of TOML that people write are refused by name and key, whichever they are."""

from collections.abc import Callable
from pathlib import Path

import pytest

from quotestance.data.errors import QuotestanceError
from quotestance.evaluate.benchmarks import read_benchmark
from quotestance.evaluate.checklist import read_checklist
from quotestance.training.quote_recipe import read_quote_recipe
from quotestance.training.recipe import read_recipe

READERS = [read_recipe, read_quote_recipe, read_benchmark, read_checklist]


@pytest.mark.parametrize("read", READERS)
def test_a_file_that_is_absent_a_folder_no_text_or_no_toml_is_refused_by_its_name(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b'name = "\xff"')
    (tmp_path / "torn.toml").write_text("name = [")
    (tmp_path / "deep.toml").write_text("name = " + "[" * 5000)
    for file, said in {
        "none": "There is no .*none",
        "folder": "folder.* can't be read: Is a directory",
        "bytes": "bytes.* is not valid TOML",
        "torn": "torn.* is not valid TOML",
        "deep": "deep.* is not valid TOML",
    }.items():
        with pytest.raises(QuotestanceError, match=said):
            read(tmp_path / f"{file}.toml")


@pytest.mark.parametrize("read", READERS)
def test_an_unknown_key_and_a_missing_one_are_named(tmp_path: Path, read: Callable[[Path], object]) -> None:
    (tmp_path / "r.toml").write_text('nam = "x"\n')
    with pytest.raises(QuotestanceError) as refusal:
        read(tmp_path / "r.toml")
    for word in ("r.toml", "nam", "required"):
        assert word in str(refusal.value)


def test_a_recipe_that_an_editor_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    plain = 'name = "little"\n[[train]]\nmaterial = "a.csv"\n'
    (tmp_path / "marked.toml").write_text(plain, encoding="utf-8-sig")
    assert read_recipe(tmp_path / "marked.toml").name == "little"
