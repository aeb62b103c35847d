"""The house: who may import whom, what a bare import loads, and rules that no reviewer should have to repeat."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import synthprivacy

PACKAGE = Path(synthprivacy.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(Path(__file__).parent.rglob("*.py"))
SCIENCE = {"errors", "results", "schemata", "tables", "kernels"}
MAY_IMPORT = {
    "errors": set(),
    "kernels": {"errors"},
    "results": {"errors"},
    "config": {"errors"},
    "lazy": set(),
    "schemata": {"errors", "config", "lazy"},
    "tables": {"errors", "config", "schemata", "kernels", "results"},
    "samples": set(),
    "attacks": SCIENCE,
    "measures": SCIENCE,
    "scoring": SCIENCE,
    "simulate": SCIENCE,
    "asking": SCIENCE | {"attacks"},
    "driver": SCIENCE | {"asking", "attacks", "comparators", "scoring"},
    "crossfitting": SCIENCE | {"attacks", "driver"},
    "battery": SCIENCE | {"attacks", "crossfitting", "driver", "statistics"},
    "auditors": SCIENCE | {"attacks", "crossfitting"},
    "statistics": {"errors", "results"},
    "comparators": SCIENCE | {"asking", "attacks", "scoring", "statistics"},
    "rulers": SCIENCE | {"asking", "attacks", "driver", "scoring", "statistics"},
    "proof": SCIENCE | {"attacks", "driver", "statistics"},
    "cards": set(),
    "planning": SCIENCE | {"attacks", "cards", "config", "statistics", "strata"},
    "provenance": SCIENCE,
    "clock": set(),
    "frames": SCIENCE,
    "attacking": SCIENCE | {"attacks", "comparators", "driver", "planning", "statistics", "strata"},
    "judging": SCIENCE
    | {
        "attacking",
        "attacks",
        "battery",
        "clock",
        "comparators",
        "driver",
        "measures",
        "planning",
        "proof",
        "rulers",
        "strata",
    },
    "evaluation": SCIENCE
    | {
        "attacks",
        "clock",
        "comparators",
        "config",
        "driver",
        "frames",
        "judging",
        "planning",
        "provenance",
        "strata",
        "together",
    },
    "rendering": {"errors", "results", "statistics"},
    "gating": {"errors", "config", "results", "statistics"},
    "reporting": {"errors", "config", "results", "gating", "rendering"},
    "demonstration": {"simulate", "samples", "results"},
    "strata": SCIENCE | {"statistics"},
    "together": SCIENCE | {"asking", "attacks", "driver", "scoring", "statistics", "strata"},
    "explaining": SCIENCE
    | {
        "asking",
        "attacks",
        "clock",
        "comparators",
        "config",
        "driver",
        "frames",
        "measures",
        "planning",
        "scoring",
        "statistics",
        "strata",
    },
    "generators": SCIENCE | {"lazy"},
    "auditing": SCIENCE
    | {
        "asking",
        "attacks",
        "clock",
        "config",
        "driver",
        "generators",
        "lazy",
        "provenance",
        "scoring",
        "statistics",
        "strata",
    },
    "ledger": {"errors", "config", "results", "gating"},
    "crosschecking": SCIENCE
    | {"asking", "attacks", "clock", "driver", "frames", "lazy", "measures", "rendering", "scoring", "statistics"},
}
FACADES = {("results", "explaining"), ("results", "rendering"), ("results", "reporting")}
"""Methods of `Evaluation` that hand it on to what shows it; imported when they are called."""
ANYTHING = {"api", "cli", "selftest", "__init__", "__main__"}
FRAMES = {
    "auditing",
    "crosschecking",
    "explaining",
    "generators",
    "tables",
    "schemata",
    "results",
    "simulate",
    "samples",
    "demonstration",
    "selftest",
    "api",
}
"""Parts that may touch a dataframe library; the rest of the house is numpy."""
STARTS_PROGRAMS = {"crosschecking/running.py", "generators/command.py"}
SHOWS = {
    "typer": {"cli"},
    "rich": {"cli"},
    "click": {"cli"},
    "pydantic": {"config"},
    "jinja2": {"reporting"},
    "matplotlib": {"reporting"},
}


def part(path):
    """Return which part of the house a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Return every module a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def ours(path):
    """Return the parts of the house a file imports, its own left out."""
    for name in imports(path):
        head, _, rest = name.partition(".")
        if head == "synthprivacy" and rest and rest.split(".")[0] != part(path):
            yield rest.split(".")[0]


def test_every_part_has_its_line():
    """A new part of the house says whom it may import."""
    assert {part(path) for path in FILES} == set(MAY_IMPORT) | ANYTHING


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_layers(path):
    """No file imports a part above it, a dataframe library where numbers rule, or a library of the surface."""
    here = part(path)
    if here not in ANYTHING:
        wrong = {there for there in ours(path) if there not in MAY_IMPORT[here] and (here, there) not in FACADES}
        assert not wrong
    heads = {name.split(".")[0] for name in imports(path)}
    assert here in FRAMES or not heads & {"pandas", "narwhals", "polars", "duckdb"}
    assert not {library for library, homes in SHOWS.items() if library in heads and here not in homes}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_forbidden_things(path):
    """Nothing evaluates text, unpickles, asserts, opens a network, or swallows every error."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    called = {function.attr for function in calls if isinstance(function, ast.Attribute)}
    heads = {name.split(".")[0] for name in imports(path)}

    assert not names & {"eval", "exec", "__import__"}
    assert not called & {"query", "eval", "read_pickle", "to_pickle"}
    assert not heads & {"pickle", "marshal", "shelve", "dill", "socket", "urllib", "http", "requests"}
    assert "subprocess" not in heads or path.relative_to(PACKAGE).as_posix() in STARTS_PROGRAMS
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree))
    broad = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and getattr(node.type, "id", None) in {"Exception", None}
        and not isinstance(node.type, ast.Tuple | ast.Attribute)
    ]
    assert not broad or path.relative_to(PACKAGE).as_posix() == "cli/__init__.py"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_stay_small(path):
    """A file that passes 300 lines is two files."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_test_files_stay_small():
    """A test file that passes 300 lines is two files, too."""
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in TESTS}

    assert {name: length for name, length in lengths.items() if length > 300} == {}


HEAVY = "{'pandas','pyarrow','numpy','scipy','sklearn','matplotlib','polars','duckdb','narwhals','jinja2'}"


@pytest.mark.parametrize(
    "code",
    [
        "import synthprivacy",
        (
            "import sys; sys.argv = ['synthprivacy', '--help']\nfrom synthprivacy.cli import main\n"
            "try:\n    main()\nexcept SystemExit: pass"
        ),
        (
            "import sys; sys.argv = ['synthprivacy', 'evaluate', '--help']\nfrom synthprivacy.cli import main\n"
            "try:\n    main()\nexcept SystemExit: pass"
        ),
    ],
    ids=["import", "--help", "evaluate --help"],
)
def test_import_and_help_load_nothing_heavy(code):
    """`import synthprivacy` and `--help` load no dataframe, learning or plotting library."""
    check = f"\nimport sys\nloaded = {HEAVY} & set(sys.modules)\nassert not loaded, loaded"

    done = subprocess.run([sys.executable, "-c", code + check], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_public_names_are_all_there_and_sorted():
    """Every public name resolves, and the list is sorted."""
    assert synthprivacy.__all__ == sorted(synthprivacy.__all__)
    for name in synthprivacy.__all__:
        assert callable(getattr(synthprivacy, name))
