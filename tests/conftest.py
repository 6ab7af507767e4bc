"""The real programs that tests run, see README.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A gate says the same of the same commit: examples are chosen anew only on a developer's machine.
# How long an example takes, and how many are thrown away, says more of the machine than of us.
settings.register_profile(
    "project",
    # Half of the usual number: there are many properties, and the suite is to stay short.
    max_examples=50,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("project")

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".cache" / "tools"

# What the plugin's scripts and the tests' own small ones call, and git for Helm.
PROGRAMS = "cat cp dirname echo git grep ln mkdir readlink rm sed sh tr"


@pytest.fixture(scope="session")
def helm3() -> Path:
    """The real Helm 3."""
    return find_tool("helm3", "helm")


@pytest.fixture(scope="session")
def helm4() -> Path:
    """The real Helm 4."""
    return find_tool("helm4", "helm")


@pytest.fixture(scope="session")
def kubectl() -> Path:
    """A real kubectl; kustomize is in it."""
    return find_tool("helm4", "kubectl")


def find_tool(folder: str, program: str) -> Path:
    path = TOOLS / folder / program
    if not path.exists():
        pytest.fail(f"{path.relative_to(ROOT)} is missing: run `make tools`")
    return path


@pytest.fixture(scope="session")
def bare_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with Python and a few programs, and for certain without any Helm."""
    folder = tmp_path_factory.mktemp("programs")
    for program in PROGRAMS.split():
        found = shutil.which(program)
        assert found is not None, program
        (folder / program).symlink_to(found)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "python3").symlink_to(Path(sys.base_prefix, "bin", version))
    return str(folder)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository `helm-compat` with the working tree's files, as a user would clone it."""
    copy = tmp_path_factory.mktemp("source") / "helm-compat"
    git = ["git", "-c", "safe.directory=*", "-c", "user.name=test", "-c", "user.email=test@test"]
    listing = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listing, cwd=ROOT).split(b"\0"):
        original = ROOT / os.fsdecode(name)
        if original.is_file():  # not one that is deleted but still in the index
            (copy / os.fsdecode(name)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(original, copy / os.fsdecode(name))
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "all"]):
        subprocess.check_call([*git, *arguments], cwd=copy)
    return copy


@pytest.fixture(scope="session")
def wheels(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all wheels that an installation without network needs, and our own."""
    folder = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(folder)]
    subprocess.check_call([*pip, str(source), "hatchling"])
    return folder
