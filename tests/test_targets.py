"""Targets files, and targets from a phrase."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from quotestance.data.errors import FormatError
from quotestance.data.questions import as_targets
from quotestance.data.records import Target
from quotestance.data.targets import read_targets, target_from_name

ROOT = Path(__file__).parents[1]
FULL = """# what is asked
[[target]]
id = "us-talks"
name = "negotiations with the US"
kind = "policy"
aliases = ["talks with the US"]
description = \"\"\"
kindness = 1
[[target]]
\"\"\"

[[target]]
name = "گفت\u200cوگو با آمریکا"
"""


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    with pytest.raises(FormatError) as refused:
        read_targets(path)
    return str(refused.value)


def test_a_targets_file_becomes_targets_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(FULL, encoding="utf-8")
    first, second = read_targets(tmp_path / "t.toml")
    assert first == Target(
        id="us-talks",
        name="negotiations with the US",
        kind="policy",
        aliases=("talks with the US",),
        description="kindness = 1\n[[target]]\n",
    )
    assert (second.name, second.kind, second.id) == ("گفت\u200cوگو با آمریکا", "other", "گفت-وگو-با-آمریکا")


def test_the_targets_of_the_seeds_are_read() -> None:
    targets = read_targets(ROOT / "seeds" / "targets.toml")
    assert len({target.id for target in targets}) == len(targets) > 1


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b""])
def test_a_bom_and_lines_that_end_in_cr_lf_are_no_matter(tmp_path: Path, prefix: bytes) -> None:
    (tmp_path / "t.toml").write_bytes(prefix + b'[[target]]\r\nname = "tax"\r\n')
    assert read_targets(tmp_path / "t.toml") == (Target(id="tax", name="tax"),)


def test_every_problem_is_named_with_its_own_line(tmp_path: Path) -> None:
    message = refusal(
        tmp_path / "t.toml",
        FULL
        + """labels = ["x"]
[[target]]
id = "us-talks"
kind = "law"
aliases = "one"
[[target]]
name = "negotiations with the US"
"desc" = 1
[options]
x = 1
""",
    )
    name = tmp_path / "t.toml"
    for words in (
        f"{name}, line 14: unknown key 'labels'. A target has: id, name, kind, aliases, description.",
        f"{name}, line 15: the target has no name",
        f"{name}, line 16: the id 'us-talks' stands already",
        f"{name}, line 17: unknown kind 'law'. There are: person,",
        f"{name}, line 18: 'aliases' should be a list",
        f"{name}, line 20: the name 'negotiations with the US' stands already",
        f"{name}, line 21: unknown key 'desc'",
        f"{name}, line 22: unknown table or key 'options'",
    ):
        assert words in message, message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "asks about nothing"),
        ("# only a comment\n", "asks about nothing"),
        ("[target]\nname = 'x'\n", "line 1: write [[target]] with two brackets"),
        ("[[targets]]\nname = 'x'\n", "line 1: unknown table or key 'targets'"),
        ("[[target]]\nname = x\n", "line 2"),
        ("[[target]]\nname = ''\n", "line 2: 'name' should be text"),
        (b"\xff\xfe[\x00", "UTF-16"),
        (b"\x00\x01\x80rubbish", "is not UTF-8"),
    ],
)
def test_what_is_no_targets_file_is_refused_in_plain_words(tmp_path: Path, content: str | bytes, words: str) -> None:
    message = refusal(tmp_path / "t.toml", content)
    assert str(tmp_path / "t.toml") in message
    assert words in message


def test_a_packed_targets_file_that_ends_too_early_is_refused_with_the_remedy(tmp_path: Path) -> None:
    whole = gzip.compress(FULL.encode("utf-8"))
    assert "broken or ends too early" in refusal(tmp_path / "targets.toml.gz", whole[: len(whole) // 2])


def test_a_targets_file_that_is_not_there_is_a_format_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such file"):
        read_targets(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("negotiations with the US", "negotiations-with-the-us"),
        ("  Hillary Clinton's e-mails!  ", "hillary-clinton-s-e-mails"),
        ("Überfall & Ωmega №5", "überfall-ωmega-no5"),
        ("भारत", "भारत"),
    ],
)
def test_an_id_is_made_of_the_words_of_any_script(name: str, made: str) -> None:
    assert target_from_name(name) == Target(id=made, name=name.strip())


def test_ids_of_names_without_letters_and_of_long_names_differ_and_stay_the_same() -> None:
    long_one, long_other = "word " * 40 + "one", "word " * 40 + "two"
    ids = [target_from_name(name).id for name in ("😀", "!!", long_one, long_other)]
    assert len(set(ids)) == 4
    assert ids == [target_from_name(name).id for name in ("😀", "!!", long_one, long_other)]
    assert all(len(one) <= 70 and "#" not in one for one in ids)


def test_an_id_that_is_taken_gets_a_number_and_no_name_is_refused() -> None:
    assert target_from_name("Tax", taken={"tax", "tax-2"}).id == "tax-3"
    with pytest.raises(FormatError, match="needs a name"):
        target_from_name(" ")


def test_a_targets_file_may_be_named_where_targets_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text(FULL, encoding="utf-8")
    assert as_targets(str(path)) == as_targets(path) == read_targets(path)
    assert as_targets([path, "tax"]) == (*read_targets(path), Target(id="tax", name="tax"))
    with pytest.raises(FormatError, match=r"none\.toml: there is no such file. Name a targets file"):
        as_targets("none.toml")


def test_a_target_may_be_a_dict_of_its_fields() -> None:
    port = {"name": "sale of the port", "kind": "policy", "aliases": ["the deal"]}
    made = Target(id="sale-of-the-port", name="sale of the port", kind="policy", aliases=("the deal",))
    assert as_targets(port) == (made,)
    assert [one.id for one in as_targets([{"name": "tax"}, {"name": "Tax"}, {"id": "x", "name": "TAX"}])] == [
        "tax",
        "tax-2",
        "x",
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["tax", {"nmae": "port", "name": "port"}], "target 2: unknown key 'nmae'. A target has: id, name"),
        ([{"kind": "law"}], "target 1: 2 problems\n  - target 1: the target has no name"),
        (["tax", {"name": "tax"}], "target 2: the name 'tax' stands already"),
        (["tax", 7], "target 2 should be a name, a Target, a dict of its fields or a targets file, but is 7."),
    ],
)
def test_what_is_no_target_is_refused_with_its_place(asked: list[Any], words: str) -> None:
    with pytest.raises(FormatError) as refused:
        as_targets(asked)
    assert str(refused.value).startswith(words)
