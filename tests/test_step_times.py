"""Where a training step's time goes is told by kind of operation."""

from pathlib import Path

import pytest

from little_material import recipe
from quotestance.bench.step_times import KINDS, OTHER, kind_of, step_table, step_times


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("aten::addmm", "matrix products"),
        ("aten::_scaled_dot_product_flash_attention_for_cpu_backward", "matrix products"),
        ("aten::native_layer_norm_backward", "norms and activations"),
        ("aten::embedding_dense_backward", "embeddings"),
        ("aten::_fused_adamw_", "optimizer"),
        ("aten::copy_", None),
    ],
)
def test_operations_are_known_by_the_beginning_of_their_name(operation: str, kind: str | None) -> None:
    assert kind_of(operation) == kind


def test_every_kind_has_its_share_of_a_step_and_dropout_only_where_there_is_some(tmp_path: Path) -> None:
    plain, dropped = step_times(recipe(tmp_path), steps=4, device="cpu").values()
    for one in (plain, dropped):
        assert set(one.by_kind) == {*KINDS, OTHER}
        assert sum(one.by_kind.values()) == pytest.approx(one.milliseconds, rel=0.2)
        assert one.by_kind["matrix products"] > 0
        assert one.by_kind["optimizer"] > 0
    assert plain.by_kind["dropout"] == 0
    assert dropped.by_kind["dropout"] > 0
    assert plain.tokens <= plain.padded <= plain.stock_padded
    assert (plain.examples, plain.padded) == (dropped.examples, dropped.padded)
    said = step_table({"recipe": plain, "with dropout 0.1": dropped})
    assert "| matrix products |" in said
    assert "with padding" in said


def test_a_step_is_all_the_batches_that_the_recipe_accumulates(tmp_path: Path) -> None:
    one = step_times(recipe(tmp_path, least_steps=0), steps=2, device="cpu")["recipe"]
    two = step_times(recipe(tmp_path, least_steps=0, accumulate=2), steps=2, device="cpu")["recipe"]
    assert two.examples > 1.5 * one.examples
