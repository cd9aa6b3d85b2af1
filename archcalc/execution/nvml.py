"""NVIDIA's management library (NVML): driver, clocks and energy of a GPU, where the package nvidia-ml-py is installed.

A reading that the library, the driver or the card does not offer is None; no reading is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archcalc.base.errors import MissingTool
from archcalc.base.extras import need


class Gpu:
    """A GPU, by its UUID. Without NVML every reading is None, and `missing` has the reason."""

    def __init__(self, uuid: str) -> None:
        self.missing = ""
        self._nvml: Any = None
        self._handle: Any = None
        try:
            self._nvml = need("pynvml", "NVML")
            self._nvml.nvmlInit()
            self._handle = self._nvml.nvmlDeviceGetHandleByUUID(uuid if uuid.startswith("GPU-") else f"GPU-{uuid}")
        except MissingTool as error:
            self.missing = f"not available: {error}"
        except self._nvml.NVMLError as error:
            self.missing = f"not available: {error}"

    def energy(self) -> float | None:
        """Joules since the driver was loaded."""
        millijoules = self._read(lambda: self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle))
        return None if millijoules is None else millijoules / 1000

    def power(self) -> float | None:
        """The power in watts, as averaged by the card."""
        milliwatts = self._read(lambda: self._nvml.nvmlDeviceGetPowerUsage(self._handle))
        return None if milliwatts is None else milliwatts / 1000

    def facts(self) -> dict[str, str]:
        """Driver, present and maximal clocks, and power limit, in words; or the reason why NVML is not available."""
        if self.missing:
            return {"NVML": self.missing}
        nvml, handle = self._nvml, self._handle
        limit = self._read(lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle))
        readings = {
            "driver": self._read(nvml.nvmlSystemGetDriverVersion),
            "SM clock": self._clock("NVML_CLOCK_SM"),
            "memory clock": self._clock("NVML_CLOCK_MEM"),
            "power limit": None if limit is None else f"{limit / 1000:g} W",
        }
        return {name: value or "not available" for name, value in readings.items()}

    def _clock(self, kind: str) -> str | None:
        nvml, handle = self._nvml, self._handle
        now = self._read(lambda: nvml.nvmlDeviceGetClockInfo(handle, getattr(nvml, kind)))
        most = self._read(lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, getattr(nvml, kind)))
        return None if now is None or most is None else f"{now} MHz before the runs, {most} MHz at most"

    def _read(self, reading: Callable[[], Any]) -> Any:
        if self.missing:
            return None
        try:
            return reading()
        except self._nvml.NVMLError:
            return None
