"""The image of the service: its lock has what `pyproject.toml` asks for, with hashes, and its file keeps the rules."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

DEPLOY = Path(__file__).parents[1] / "deploy"
PROJECT = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = {"serve", "report", "picture", "otel", "web"} & PROJECT["project"]["optional-dependencies"].keys()
PYTHON = "3.13"
LOCKS = ("requirements.txt", "requirements-build.txt")


def wanted(extras: set[str]) -> list[Requirement]:
    """The requirements of archcalc with extras, those of the extras that they include among them."""
    found = [Requirement(each) for each in PROJECT["project"]["dependencies"]]
    for extra in sorted(extras):
        for text in PROJECT["project"]["optional-dependencies"][extra]:
            requirement = Requirement(text)
            found += wanted(requirement.extras) if requirement.name == "archcalc" else [requirement]
    return found


def locked(text: str) -> dict[str, tuple[Version, int]]:
    """The version of each package in a lock, and the number of its hashes."""
    found: dict[str, tuple[Version, int]] = {}
    for entry in re.sub(r"\s*#.*|\\\n", "", text).splitlines():
        if entry.strip():
            pinned = re.fullmatch(r"([\w.-]+)==([\w.]+)(?: ; [^-]+)?((?:\s+--hash=sha256:[0-9a-f]{64})*)\s*", entry)
            assert pinned, entry
            name = canonicalize_name(pinned[1])
            assert name not in found
            found[name] = (Version(pinned[2]), pinned[3].count("--hash"))
    return found


def lacking(requirements: list[Requirement], lock: dict[str, tuple[Version, int]]) -> list[str]:
    """The requirements that a lock does not meet on the Python of the image."""
    environment = {"python_version": PYTHON, "sys_platform": "linux"}
    found: list[str] = []
    for each in requirements:
        if each.marker is not None and not each.marker.evaluate(environment):
            continue
        version, hashes = lock.get(canonicalize_name(each.name), (None, 0))
        if version is None or not hashes or not each.specifier.contains(version, prereleases=True):
            found.append(str(each))
    return found


def test_the_lock_has_what_the_service_needs_each_file_with_its_hash() -> None:
    lock = locked((DEPLOY / "requirements.txt").read_text(encoding="utf-8"))
    assert lacking(wanted(EXTRAS), lock) == [], "run deploy/lock.sh"
    assert len(lock) > 30
    build = locked((DEPLOY / "requirements-build.txt").read_text(encoding="utf-8"))
    assert lacking([Requirement(each) for each in PROJECT["build-system"]["requires"]], build) == []
    for name in LOCKS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        assert min(hashes for _, hashes in locked(text).values()) >= 1
        assert not re.search(r"--(extra-)?index-url|--find-links|://", text), "a lock names no index"


def test_what_a_lock_lacks_is_noticed() -> None:
    lock = locked((DEPLOY / "requirements.txt").read_text(encoding="utf-8"))
    for name in ("click", "grpcio", "matplotlib"):
        old, hashes = lock[name]
        for broken in (
            {key: value for key, value in lock.items() if key != name},
            {**lock, name: (Version("0.0.1"), hashes)},
            {**lock, name: (old, 0)},
        ):
            assert [re.split(r"[<>=]", each)[0] for each in set(lacking(wanted(EXTRAS), broken))] == [name]


def test_the_script_locks_the_extras_that_the_image_has() -> None:
    script = (DEPLOY / "lock.sh").read_text(encoding="utf-8")
    assert set(re.findall(r"--extra (\w+)", script)) >= EXTRAS


def instructions() -> list[tuple[str, str]]:
    """The instructions of the container file, each on one line."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def test_the_image_runs_as_no_user_without_a_shell_and_asks_for_nothing_without_a_hash() -> None:
    found = instructions()
    last = max(place for place, (word, _) in enumerate(found) if word == "FROM")
    end = found[last:]
    assert end[0] == ("FROM", "scratch")
    [user] = [rest for word, rest in end if word == "USER"]
    assert all(int(each) >= 1000 for each in user.split(":"))
    for word, rest in end:  # what needs a shell cannot run
        assert word != "RUN"
        if word in {"CMD", "ENTRYPOINT"}:
            assert rest.startswith("[")
        if word == "HEALTHCHECK":
            assert re.search(r'CMD \["python", "-m", "archcalc\.service\.health"\]$', rest)
    for word, rest in found:
        for command in rest.split(" && ") if word == "RUN" else ():
            if " pip " in command and " install " in command:
                assert "--require-hashes" in command or "--no-index --no-deps --no-build-isolation" in command, command
        if word == "FROM":
            assert rest.split()[0] in {"${PYTHON}", "scratch"}, "one base, which a build argument pins"
        if word == "COPY":
            for source in [each for each in rest.split()[:-1] if not each.startswith("--")]:
                assert source == "/" or source.startswith("/opt/") or (DEPLOY.parent / source).exists(), source
    removed = " ".join(rest for word, rest in found if word == "RUN")
    assert {"/bin/sh", "/bin/bash", "/usr/bin/apt*", "/usr/local/bin/pip*"} <= set(removed.split())


def test_the_image_serves_what_the_command_line_knows() -> None:
    """Its options are options of `archcalc serve`."""
    from archcalc.cli.serving import serve_command

    known = {option for parameter in serve_command.params for option in parameter.opts}
    for word, rest in instructions():
        if word == "CMD":
            used = set(re.findall(r'"(--[a-z-]+)"', rest))
            assert used
            assert used <= known


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed")
def test_hadolint_finds_nothing() -> None:
    command = ["hadolint", str(DEPLOY / "Containerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
