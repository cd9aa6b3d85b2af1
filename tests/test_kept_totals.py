"""The kept totals are those that the graphs have, and count for nothing once the source has changed."""

from __future__ import annotations

import pytest

from archcalc import zoo
from archcalc.catalogue import kept, listing
from archcalc.graph import Network


@pytest.fixture(autouse=True)
def read_anew():
    kept.kept.cache_clear()
    yield
    kept.kept.cache_clear()


def test_kept_totals_are_those_of_the_graphs() -> None:
    """If this fails after a change, `python tests/generate.py` makes the file anew."""
    assert kept.kept() == {network.name: listing.totals_of(network) for network in zoo.networks()}


def test_after_a_change_of_the_source_totals_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    known = listing.catalogue("vgg1*")
    monkeypatch.setattr(kept, "source_digest", lambda: "another")
    kept.kept.cache_clear()
    assert kept.kept() == {}
    asked: list[str] = []
    graph = Network.graph
    monkeypatch.setattr(Network, "graph", lambda self, *given: asked.append(self.name) or graph(self, *given))
    assert listing.catalogue("vgg1*") == known
    assert len(asked) == len(known)


def test_the_digest_tells_a_change_of_any_file_that_totals_follow_from(tmp_path, monkeypatch) -> None:
    digests: set[str] = set()
    for folder in kept.SOURCES:
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.py").write_text("1")
    monkeypatch.setattr(kept, "files", lambda _: tmp_path)
    for folder in kept.SOURCES:
        digests.add(kept.source_digest())
        (tmp_path / folder / "a.py").write_text("2")
    (tmp_path / "zoo" / "a.py").rename(tmp_path / "zoo" / "b.py")
    digests.add(kept.source_digest())
    (tmp_path / "zoo" / "note.txt").write_text("no source")
    assert len(digests) == len(kept.SOURCES) + 1
    assert kept.source_digest() in digests
