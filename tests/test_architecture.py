"""The house stands as drawn: imports only go down, and nothing heavy is imported before it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "quotestance"

# room -> the rooms whose code it may import, beside its own
BELOW = {
    "data": set(),
    "models": {"data"},
    "evaluate": {"data"},
    "training": {"data", "models", "evaluate"},
    "inference": {"data", "models"},
    "view": {"data", "evaluate"},
    "bench": {"data", "models", "evaluate", "training", "inference"},
    "commands": {"data", "models", "evaluate", "training", "inference", "view", "bench"},
}
HEAVY = {"torch", "transformers"}


def imported(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions, but not for type checking alone."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("room", BELOW)
def test_imports_only_go_down(room: str) -> None:
    files = list((PACKAGE / room).rglob("*.py"))
    assert files
    for path in files:
        for name in imported(path):
            if name.startswith("quotestance."):
                assert name.split(".")[1] in BELOW[room] | {room}, f"{path} imports {name}"


def test_no_module_needs_at_its_import_what_only_unix_has() -> None:
    for path in PACKAGE.rglob("*.py"):
        top = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Import)]
        names = {alias.name for node in top for alias in node.names}
        assert not names & {"resource", "fcntl", "pwd", "grp", "termios"}, path


@pytest.mark.parametrize("room", [room for room in BELOW if room not in {"models", "training", "inference", "bench"}])
def test_torch_and_transformers_stay_where_models_are_run(room: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        assert not {name.split(".")[0] for name in imported(path)} & HEAVY, path


def test_the_folders_of_material_hold_no_package() -> None:
    for folder in ("data", "training", "models", "evaluate", "tests", "seeds"):
        assert (ROOT / folder).is_dir()
        assert not (ROOT / folder / "__init__.py").exists()


@pytest.mark.parametrize(
    "what",
    [
        "import quotestance",
        "from quotestance.cli import app; from typer.testing import CliRunner; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0",
    ],
)
def test_import_and_help_do_without_torch(what: str) -> None:
    code = f"import sys; {what}; assert not {{'torch', 'transformers', 'pandas', 'sklearn'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_can_be_had() -> None:
    import quotestance

    for name in quotestance.__all__:
        assert getattr(quotestance, name) is not None


def test_every_command_explains_itself_and_ends_in_an_example() -> None:
    from typer.testing import CliRunner

    from quotestance.cli import COMMANDS, app

    for command in COMMANDS:
        shown = CliRunner().invoke(app, [command, "--help"])
        assert shown.exit_code == 0, (command, shown.output, shown.exception)
        last = shown.output.rstrip().rpartition("\n\n")[2].rpartition("╯")[2]
        assert last.split()[:2] == ["Example:", "quotestance"], command


def test_a_declared_error_is_printed_and_exits_with_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quotestance.cli", "train", str(tmp_path / "none.toml"), "--out", str(tmp_path / "m")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "none.toml" in done.stderr
    assert "Traceback" not in done.stderr


IMPORT_ALL = """
import importlib, logging, pkgutil, sys

class Unread(list):
    def __getattribute__(self, name):
        raise AssertionError("sys.argv was read")
    __getitem__ = __len__ = __iter__ = lambda self, *_: self.read

import quotestance
modules = [one.name for one in pkgutil.walk_packages(quotestance.__path__, "quotestance.") if ".shipped" not in one.name]
before = list(logging.root.handlers), logging.root.level
sys.argv = Unread(["x", "--help"])
for name in modules:
    try:
        importlib.import_module(name)
    except ImportError as problem:
        assert not str(problem.name).startswith("quotestance"), problem  # an extra that is not installed
assert (list(logging.root.handlers), logging.root.level) == before
assert len(modules) > 100
"""


def test_importing_any_module_reads_no_arguments_and_configures_no_logging() -> None:
    subprocess.run([sys.executable, "-c", IMPORT_ALL], check=True)
