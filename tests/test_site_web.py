"""The scripts of the site: their types, their own tests, and that they write and compute numbers as archcalc does."""

import json
import random
import shutil
import subprocess
from uuid import uuid4

import pytest

from archcalc import analyze
from archcalc.present.tables import human, human_bytes
from archcalc.site.bundles import bundles
from archcalc.site.network_page import network_page

pytestmark = pytest.mark.skipif(not shutil.which("npm"), reason="there is no Node with npm")
PRINT = """
import {{ human, humanBytes }} from "./src/format";
import {{ Tape }} from "./src/tape";
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify({does}));
"""


@pytest.fixture(scope="module")
def web():
    """The folder with the sources and their packages."""
    return bundles()


def node(web, *arguments, given=""):
    done = subprocess.run(["node", *arguments], cwd=web, input=given, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def answers(web, folder, does, asked):
    """What a few lines of TypeScript say to some data."""
    source, made = web / f"trial-{uuid4().hex}.ts", folder / "trial.cjs"
    source.write_text(PRINT.format(does=does))
    try:
        options = (f"--outfile={made}", "--bundle", "--platform=node", "--format=cjs", "--log-level=error")
        node(web, "node_modules/esbuild/bin/esbuild", str(source), *options)
    finally:
        source.unlink()
    return json.loads(node(web, str(made), given=json.dumps(asked)))


def test_types_are_right(web):
    node(web, "node_modules/typescript/bin/tsc", "--noEmit")


def test_the_tests_of_the_scripts_pass(web):
    said = node(web, "test.mjs")
    assert "# pass 0" not in said


def test_numbers_are_written_as_in_tables(web, tmp_path):
    chance = random.Random(1)  # noqa: S311
    counts = [0, 1, 999, 1000, 9999, 99995, 999949, 999950, 1e6, 12345678, 1125, 11125, 10625, 100250, 2**53 - 1]
    counts = [int(each) for each in counts] + [chance.randrange(10 ** chance.randrange(1, 16)) for _ in range(2000)]
    counts += [chance.randrange(1, 10**5) * 125 for _ in range(2000)]  # halves
    said = answers(web, tmp_path, "asked.map((n) => [human(n), humanBytes(n)])", counts)
    assert said == [[human(each), human_bytes(each)] for each in counts]


def test_counts_beyond_doubles_are_exact(web, tmp_path):
    page = network_page("vgg16")
    ref, memory = page["totals"]["mult_adds"], page["totals"]["training_saved_bytes"]
    asked = {"tape": page["tape"], "refs": [ref, memory], "at": {"H": 1_000_000, "W": 999_999, "N": 1_000_000, "K": 7}}
    does = "((v) => asked.refs.map((ref) => String(v.of(ref))))(new Tape(asked.tape).run(asked.at))"
    truth = analyze("vgg16", input=(3, 1_000_000, 999_999), batch=1_000_000, classes=7).totals
    assert answers(web, tmp_path, does, asked) == [str(truth.mult_adds), str(truth.training_saved_bytes)]


def test_a_size_at_which_the_network_is_another_has_no_numbers(web, tmp_path):
    page = network_page("vgg16")
    does = "new Tape(asked).run({ H: 16, W: 16 })"
    assert answers(web, tmp_path, does, page["tape"]) is None
