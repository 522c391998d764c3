"""The project's own shape: where packages lie, what the wheel and the lock hold, what no file may mention."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = ROOT / "plugins"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = sorted(
    path for path in PLUGINS.iterdir() if path.is_dir() and path.name[0] not in "._" and any(path.iterdir())
)


def name_of(folder: Path) -> str:
    return folder.name


def test_no_plugin_folder_is_itself_a_package() -> None:
    packages = [PLUGINS / "__init__.py", *PLUGINS.glob("*/__init__.py")]

    assert [path for path in packages if path.exists()] == []


def test_plugins_on_the_path_do_not_shadow_the_standard_library() -> None:
    path = os.pathsep.join(map(str, [PLUGINS, *FOLDERS, ROOT]))
    code = "import email, email.message; print(email.__file__)"

    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    standard = Path(os.__file__).resolve().parent
    assert Path(found.stdout.strip()).resolve() == standard / "email" / "__init__.py"


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_plugin_is_packaged_typed_and_checked(folder: Path) -> None:
    package, inside = f"ashop_{folder.name}", f"plugins/{folder.name}"
    hatch, tools = PROJECT["tool"]["hatch"]["build"], PROJECT["tool"]

    assert (folder / package / "__init__.py").is_file()
    assert f"{inside}/{package}" in hatch["targets"]["wheel"]["packages"]
    assert inside in hatch["dev-mode-dirs"]
    assert inside in tools["mypy"]["mypy_path"].split(":")
    assert package in tools["importlinter"]["root_packages"]


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_plugin_can_be_found_and_installed_by_its_name(folder: Path) -> None:
    points = PROJECT["project"]["entry-points"]
    names = {**points["ashop"], **points["ashop_commands"]}
    extras = PROJECT["project"]["optional-dependencies"]

    assert re.match(r"\w+", names[folder.name])[0] == f"ashop_{folder.name}"  # type: ignore[index]
    assert folder.name in extras
    assert folder.name in re.split(r"[\[\],]", extras["all"][0])


def test_the_lock_pins_each_requirement_by_hash_and_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    requirements = lock.replace("\\\n", " ").splitlines()
    pinned = re.compile(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}")

    assert requirements
    assert [line for line in requirements if not pinned.match(line)] == []
    assert re.findall(r"\S*://\S*", lock) == []


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    there = re.compile(rf"(?<![\w.])/{'work'}/".encode())

    assert [path for path in project_files() if there.search((ROOT / path).read_bytes())] == []


def project_files() -> list[str]:
    """List what is or could be committed: tracked files, and new ones that are not ignored."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there is no telling the project's files from made ones")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    return [path for path in listed.split("\0") if path and (ROOT / path).is_file()]
