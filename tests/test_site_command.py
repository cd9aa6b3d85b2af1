"""The command `archcalc site`: what it refuses, and in what words."""

import pytest

from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.cli import main
from archcalc.site import build, bundles
from archcalc.site.build import MARK, build_site


def test_a_site_goes_to_a_folder_or_is_shown(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["site"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "archcalc: a site needs -o DIR, or --open to show it\n"


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ArchcalcError, match="has other files: a site is written into a new folder, or over a site"):
        build_site(tmp_path, networks=["lenet5"])
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "site").write_text("mine")
    with pytest.raises(ArchcalcError, match="is not a folder"):
        build_site(tmp_path / "site", networks=["lenet5"])


def test_a_build_that_was_interrupted_can_be_begun_again(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "bundles", lambda: tmp_path)
    monkeypatch.setattr(build, "_network", interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            build_site(tmp_path / "site", networks=["lenet5"])


def test_without_node_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHCALC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bundles.shutil, "which", lambda _: None)
    monkeypatch.setattr(bundles, "find_spec", lambda _: None)
    with pytest.raises(MissingTool, match=r"install Node 20 or newer with npm, or `pip install 'archcalc\[site\]'`"):
        build_site(tmp_path / "site", networks=["lenet5"])
    assert not (tmp_path / "site" / MARK).exists()


def test_what_npm_says_last_is_in_the_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHCALC_CACHE", str(tmp_path / "cache"))
    failing = tmp_path / "npm"
    failing.write_text("#!/bin/sh\necho 'no such registry' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(bundles.shutil, "which", lambda _: str(failing))
    with pytest.raises(ArchcalcError, match="a site needs npm ci, which failed: no such registry"):
        build_site(tmp_path / "site", networks=["lenet5"])
