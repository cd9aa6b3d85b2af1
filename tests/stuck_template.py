"""The template of worker processes with broken calls: Analyze never ends, and Describe fails by a bug.

Run as a module in place of `archcalc.service.template`. Each Analyze that begins appends a byte to the file that
ARCHCALC_TEST_STARTED names.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from archcalc.service import template
from archcalc.service.questions import CALLS


def endless(network: Any, detail: bool = False, convention: str = "", convolutional: bool = False) -> Any:  # noqa: ARG001
    with Path(os.environ["ARCHCALC_TEST_STARTED"]).open("ab") as started:
        started.write(b".")
    while True:
        time.sleep(60)


def broken(name: str) -> Any:
    raise ZeroDivisionError(f"a secret of {name}")


if __name__ == "__main__":
    for method, function in (("Analyze", endless), ("Describe", broken)):
        CALLS[method].signature  # noqa: B018  # of the real function
        CALLS[method].function = function
    template._prepare = lambda: None
    template.main(int(sys.argv[1]), int(sys.argv[2]))
