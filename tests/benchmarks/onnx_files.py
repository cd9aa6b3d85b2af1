"""Time of the costs of a model from an ONNX file, as a ratio to what the onnx package needs for less.

`python tests/benchmarks/onnx_files.py [FILE.onnx ...]` runs each of these in processes of their own, the fastest of
five: `import onnx`; `onnx.load` and its inference of shapes; archcalc from the file to the finished table. By default
the light models inside the onnx package are timed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 5
TABLE = "import sys; from archcalc.importers.onnx_files import read_onnx; read_onnx(sys.argv[1]).table()"
INFER = "import sys, onnx; onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1], load_external_data=False))"


def seconds(code: str, file: Path) -> float:
    """The time of a process, the fastest of some."""
    times: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, str(file)], check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    import onnx

    light = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    files = [Path(each) for each in sys.argv[1:]] or sorted(light.glob("*.onnx"))
    loaded = seconds("import onnx", files[0])
    print(f"import onnx {loaded:.2f} s")
    print(f"{'file':40} {'table':>8} {'/ import onnx':>14} {'/ onnx inference':>17}")
    for file in files:
        table = seconds(TABLE, file)
        print(f"{file.stem[:40]:40} {table:6.2f} s {table / loaded:14.2f} {table / seconds(INFER, file):17.2f}")


if __name__ == "__main__":
    main()
