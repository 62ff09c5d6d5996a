"""The models of a run, loaded so that every process that works on it, now or after a stop, computes alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotestance.data.errors import QuotestanceError
from quotestance.inference.predict import Abstaining
from quotestance.inference.runs import begun_with
from quotestance.models.folders import model_digest

if TYPE_CHECKING:
    from quotestance.inference.ray_engine import Cluster
    from quotestance.models.pipeline import QuoteFinder
    from quotestance.models.protocol import StanceModel


class SteadyModels:
    """Loads models on one kind of device and in one precision; `options` tells both, and every model, for the manifest.

    'auto' precision is measured, and may be measured otherwise tomorrow or on another machine. So it is measured once,
    when the run begins: a resumed run keeps to what its manifest says, and workers get it with the model.
    """

    def __init__(
        self, out: str | Path, *, device: str | None, precision: str, resume: bool, cluster: Cluster | None = None
    ) -> None:
        from quotestance.models.precision import PRECISIONS

        if precision not in PRECISIONS:
            raise QuotestanceError(f"Unknown precision '{precision}'. There are: {', '.join(PRECISIONS)}.")
        earlier = (begun_with(out) or {}) if resume else {}
        if precision == "auto" and earlier.get("precision") in PRECISIONS:
            precision = earlier["precision"]
        self.device, self.precision, self.cluster = device, precision, cluster
        self.options: dict[str, Any] = {"device": None, "precision": None}

    def finder(self, name: str) -> QuoteFinder:
        """A quote finder by name or folder."""
        from quotestance.models import load_quote_finder

        finder: QuoteFinder = self._loaded("quotes", load_quote_finder, name)
        return finder

    def stance(self, name: str, *, abstain_below: float | None = None) -> StanceModel:
        """A stance model by name or folder, which says 'unclear' below that probability, if one is given."""
        from quotestance.models import load_stance_model

        if abstain_below is not None and not 0 < abstain_below <= 1:
            raise QuotestanceError(f"--abstain-below is a probability between 0 and 1, not {abstain_below}.")
        model: StanceModel = self._loaded("model", load_stance_model, name)
        self.options["abstain_below"] = abstain_below
        return Abstaining(model, abstain_below) if abstain_below is not None else model

    def _loaded(self, role: str, load: Callable[..., Any], name: str) -> Any:
        model = load(name, device=self.device if self.cluster is None else "cpu", precision=self.precision)
        self.options |= {role: f"{model.name}@{model.revision}", f"{role}_folder": model_digest(model)}
        if (place := getattr(model, "device", None)) is not None:  # rules have none, and compute alike everywhere
            self._settle(place)
            model.precision = self.precision
        return model if self.cluster is None else self.cluster.by_name(load, name, model, precision=self.precision)

    def _settle(self, place: Any) -> None:
        if self.cluster is not None:
            self.precision = self.cluster.chosen(self.precision)
        else:
            from quotestance.models.precision import chosen

            self.precision = chosen(self.precision, place)
        self.options |= {
            "device": place.type if self.cluster is None else self.cluster.device,
            "precision": self.precision,
        }
