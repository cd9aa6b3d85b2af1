"""The program `archcalc`, also as `python -m archcalc`.

All else is imported within `main`, so that Ctrl-C ends the program in silence from its first milliseconds on.
"""

import sys


def main() -> None:
    """Run the command line; Ctrl-C, which ends commands with exit code 130, does so while they are imported too."""
    try:
        from archcalc.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
