"""Seconds that reports take: two networks in a new process, and the atlas, each with its parts.

Run: python tests/benchmarks/report.py [--atlas]. Bounds: 5 s for two networks, 120 s for the atlas on 2 cores.
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from archcalc.reports import atlas, documents, typesetting


def seconds(action):
    begun = time.perf_counter()
    result = action()
    return result, time.perf_counter() - begun


def main():
    with TemporaryDirectory() as folder:
        file = Path(folder) / "two.pdf"
        command = [sys.executable, "-m", "archcalc", "report", "vgg16", "resnet50", "-o", str(file)]
        each = sorted(seconds(lambda: subprocess.run(command, check=True))[1] for _ in range(3))
        print(f"two networks, a new process: {each[1]:.2f} s (of 5), {file.stat().st_size / 1e6:.2f} MB")
    document, build = seconds(lambda: documents.of_networks(("vgg16", "resnet50")))
    _, setting = seconds(lambda: typesetting.pdf(document))
    print(f"  of it: {build:.2f} s to build (matplotlib's import among them), {setting:.2f} s to set")
    if "--atlas" in sys.argv:
        document, build = seconds(lambda: atlas.document(jobs=2))
        pdf, setting = seconds(lambda: typesetting.pdf(document))
        print(f"atlas: {build + setting:.1f} s (of 120), {len(pdf) / 1e6:.2f} MB")
        print(f"  of it: {build:.1f} s to build, {setting:.1f} s to set")


if __name__ == "__main__":
    main()
