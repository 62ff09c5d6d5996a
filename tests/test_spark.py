"""What docs/batch.md shows of Spark runs as it stands, and gives the rows that one process gives."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import quotestance as qs

DOCS = Path(__file__).parent.parent / "docs" / "batch.md"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_spark_answers_as_one_process_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed (quotestance[spark])")
    shown = re.search(r"```python\n((?:(?!```).)*mapInPandas.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    pairs = pd.DataFrame(
        {"id": list("abcde"), "text": [f"We will not go there {n}." for n in range(5)], "target": "it"}
    )
    pairs.to_parquet("pairs.parquet")
    spark = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        names: dict[str, Any] = {"spark": spark}
        exec(shown[1], names)
        answered = names["answered"].orderBy("id").collect()
    finally:
        spark.stop()
    expected = qs.load_stance_model("stance-small", device="cpu").predict_frame(pairs)
    assert [row["label"] for row in answered] == list(expected["label"])
    assert [row["model"] for row in answered] == list(expected["model"])
    assert [row["p_favor"] for row in answered] == pytest.approx(list(expected["p_favor"]), abs=0.02)
