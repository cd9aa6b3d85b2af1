"""`archcalc site`: the explorer, a folder of pages in which every number changes as one types."""

from __future__ import annotations

import os
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.output import progress_bar


@click.command("site")
@click.option("-o", "--output", "folder", metavar="DIR", help="Write the site into this folder.")
@click.option("--open", "shown", is_flag=True, help="Show it in the browser, served from this machine until ^C.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port for --open; default: any free one.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Processes; default: all processors.")
def site_command(folder: str | None, shown: bool, port: int, jobs: int | None) -> None:
    """Write the explorer into DIR: a static site with all networks, whose numbers change as one types.

    Any host of files can serve it; it asks no other host for anything. The first build needs Node with npm.

    \b
    Examples:
      archcalc site -o site
      archcalc site --open
    """
    if folder is None and not shown:
        raise ArchcalcError("a site needs -o DIR, or --open to show it")
    from archcalc.site import build

    if folder is not None:
        with progress_bar(build.steps()) as step:
            build.build_site(folder, jobs=jobs, progress=step)
        if shown:
            _serve(folder, port)
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="archcalc-site-") as made:
        with progress_bar(build.steps()) as step:
            build.build_site(made, jobs=jobs, progress=step)
        _serve(made, port)


class _Quiet(SimpleHTTPRequestHandler):
    """A server of files that says nothing of each request."""

    def guess_type(self, path: Any) -> str:
        """The type of a file; scripts whatever the machine's own table says of them."""
        return "text/javascript" if str(path).endswith((".js", ".mjs")) else super().guess_type(path)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def _serve(folder: str, port: int) -> None:
    """Serve a folder to this machine alone, and open the browser."""
    import webbrowser

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=os.fspath(folder)))
    except OSError as error:
        raise ArchcalcError(f"port {port}: {error.strerror}") from None
    address = f"http://127.0.0.1:{server.server_port}/"
    click.echo(f"{address} (^C ends it)", err=True)
    webbrowser.open(address)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)
