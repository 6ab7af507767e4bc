"""The plugin is installed by real Helm 3 and Helm 4, with the hook that users run."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from real_helm import Completed, Helm, Variables

from helm_compat import __version__

ROOT = Path(__file__).parent.parent
VERSION = f"helm-compat {__version__}\n"

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\ndata: {a: 'b'}\n"
RENDERED = f"---\n# Source: plain/templates/map.yaml\n{CONFIG_MAP}"

# Another plugin of the user, which must go on working whatever we do.
OTHER = "name: other\nversion: 1.0.0\nusage: other\ncommand: echo still here\n"

PYTHON = "HELM_COMPAT_PYTHON"
ENVIRONMENT_MISSING = "the plugin's Python environment is missing or incomplete, make it with:"

# Makes an "environment" in no time, for tests of what the hook does beside that.
QUICK_PYTHON = """\
#!/bin/sh
case $* in
  *'-m venv'*) for folder; do :; done; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python" ;;
esac
"""

# A Python without the Debian package python3-venv.
NO_VENV_PYTHON = f"""\
#!/bin/sh
case $* in
  *ensurepip*) echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1 ;;
  *'-m venv'*)
    echo 'The virtual environment was not created successfully because ensurepip is not available.'
    exit 1 ;;
esac
exec '{sys.executable}' "$@"
"""

# A Python that has everything and still cannot make an environment.
FAILING_VENV_PYTHON = f"""\
#!/bin/sh
case $* in
  *'-m venv'*) echo 'Error: no space left'; exit 1 ;;
esac
exec '{sys.executable}' "$@"
"""


def make_home(home: Path, binary: Path, bare_path: str, on_path: dict[str, Path]) -> Helm:
    """A home with another plugin, and with the programs `on_path` in front of the bare PATH."""
    helm = Helm(binary, home, f"{home}/bin:{bare_path}")
    (helm.plugins / "other").mkdir(parents=True)
    (helm.plugins / "other" / "plugin.yaml").write_text(OTHER, "utf-8")
    (home / "bin").mkdir()
    for name, program in on_path.items():
        (home / "bin" / name).symlink_to(program)
    return helm


def write_program(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


def list_plugins(helm: Helm) -> list[str] | str:
    """The names that `helm plugin list` shows, or "broken" when this Helm cannot load plugins."""
    done = helm.run("plugin", "list")
    if done.returncode != 0:
        return "broken"
    return sorted(line.split()[0] for line in done.stdout.decode().splitlines()[1:])


def run_install_script(helm: Helm, plugin: Path, variables: Variables | None = None) -> Completed:
    """Run the hook by hand."""
    return subprocess.run(
        ["/bin/sh", plugin / "scripts" / "install.sh"],
        capture_output=True,
        env=helm.environment(variables),
        check=False,
    )


@pytest.fixture(scope="session")
def git3(
    source: Path,
    helm3: Path,
    bare_path: str,
    wheels: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Helm:
    """Helm 3, alone on PATH, with the plugin installed from git."""
    helm = make_home(tmp_path_factory.mktemp("git3"), helm3, bare_path, {"helm": helm3})
    helm = replace(helm, variables={"HELM_COMPAT_WHEEL_DIR": str(wheels)})
    helm.output("plugin", "install", f"file://{source}")
    return helm


@pytest.fixture(scope="session")
def git4(
    source: Path,
    helm4: Path,
    bare_path: str,
    wheels: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Helm:
    """Helm 4, alone on PATH, with the plugin installed from git."""
    helm = make_home(tmp_path_factory.mktemp("git4"), helm4, bare_path, {"helm": helm4})
    helm = replace(helm, variables={"HELM_COMPAT_WHEEL_DIR": str(wheels)})
    helm.output("plugin", "install", "--verify=false", f"file://{source}")
    return helm


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chart without images."""
    folder = tmp_path_factory.mktemp("chart")
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: plain\nversion: 1.0.0\n", "utf-8")
    (folder / "templates" / "map.yaml").write_text(CONFIG_MAP, "utf-8")
    return folder


@pytest.fixture
def checkout(source: Path, tmp_path: Path) -> Path:
    """The plugin's folder for one test, in a place with a space in its name."""
    folder = tmp_path / "a folder" / "helm-compat"
    shutil.copytree(source, folder)
    return folder


@pytest.fixture
def quick_python(tmp_path: Path) -> Variables:
    return {PYTHON: str(write_program(tmp_path / "quick-python", QUICK_PYTHON))}


# --- Installed from git ---


def test_plugin_files_name_the_version_of_the_package() -> None:
    files = [ROOT / "plugin.yaml", ROOT / "plugins" / "compat-render" / "plugin.yaml"]
    versions = [yaml.safe_load(file.read_bytes())["version"] for file in files]
    assert versions == [__version__, __version__]


def test_command_in_helm_3(git3: Helm) -> None:
    assert git3.output("compat", "version") == VERSION


def test_command_in_helm_4(git4: Helm) -> None:
    assert git4.output("compat", "version") == VERSION


def test_plugins_in_helm_3(git3: Helm) -> None:
    assert list_plugins(git3) == ["compat", "other"]


def test_plugins_in_helm_4(git4: Helm) -> None:
    assert list_plugins(git4) == ["compat", "compat-render", "other"]


def test_commands_are_completed(git3: Helm, git4: Helm) -> None:
    commands = "check explain images inventory lint matrix mirror plan render report rules schema status verify version"
    lines = "".join(f"{line}\n" for line in (*commands.split(), ":4"))
    assert git3.output("__complete", "compat", "") == lines
    assert git4.output("__complete", "compat", "") == lines


def test_post_renderer_in_helm_4(git4: Helm, chart: Path) -> None:
    assert git4.output("template", "x", chart, "--post-renderer", "compat-render") == RENDERED


def test_post_renderer_by_path_in_helm_3(git3: Helm, chart: Path) -> None:
    launcher = git3.plugins / "helm-compat" / "bin" / "compat-render"
    assert git3.output("template", "x", chart, "--post-renderer", launcher) == RENDERED


def test_post_renderer_by_name_in_helm_3(git3: Helm, chart: Path, tmp_path: Path) -> None:
    launcher = git3.plugins / "helm-compat" / "bin" / "compat-render"
    (tmp_path / "direct").symlink_to(launcher)
    (tmp_path / "compat-render").symlink_to("direct")
    path = {"PATH": f"{tmp_path}:{git3.path}"}
    done = git3.output("template", "x", chart, "--post-renderer", "compat-render", variables=path)
    assert done == RENDERED


def test_post_renderer_as_plugin_of_helm_3(git3: Helm, chart: Path) -> None:
    words = ["--post-renderer", "helm"]
    for word in ("compat", "render"):
        words += ["--post-renderer-args", word]
    assert git3.output("template", "x", chart, *words) == RENDERED


def test_modules_of_the_working_directory_are_not_imported(git3: Helm, tmp_path: Path) -> None:
    (tmp_path / "helm_compat.py").write_text("raise SystemExit('wrong module')", "utf-8")
    done = subprocess.run(
        [git3.plugins / "helm-compat" / "bin" / "helm-compat", "version"],
        capture_output=True,
        env=git3.environment({"PYTHONPATH": str(tmp_path), "CDPATH": "/usr"}),
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, VERSION.encode(), b"")


# --- Installed from a folder ---


def test_folder_in_helm_3_builds_from_source_without_network(
    checkout: Path, helm3: Path, bare_path: str, wheels: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    shutil.copytree(wheels, others, ignore=shutil.ignore_patterns("helm_compat-*"))
    helm = make_home(tmp_path / "a home", helm3, bare_path, {"helm": helm3})
    helm.output("plugin", "install", checkout, variables={"HELM_COMPAT_WHEEL_DIR": str(others)})
    assert helm.output("compat", "version") == VERSION
    assert list_plugins(helm) == ["compat", "other"]


def test_folder_in_helm_4_with_the_users_pip_settings(
    checkout: Path, helm4: Path, bare_path: str, wheels: Path, chart: Path, tmp_path: Path
) -> None:
    helm = make_home(tmp_path / "a home", helm4, bare_path, {"helm": helm4})
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_USER": "1"}
    helm.output("plugin", "install", checkout, variables=settings)
    assert helm.output("compat", "version") == VERSION
    # Beside Helm's link to the folder, not beside the folder.
    assert (helm.plugins / "compat-render" / "plugin.yaml").is_file()
    assert sorted(checkout.parent.iterdir()) == [checkout]
    assert helm.output("template", "x", chart, "--post-renderer", "compat-render") == RENDERED


# --- One data home for Helm 3 and Helm 4 ---


def share_home(helm: Helm, home: Path, on_path: dict[str, Path]) -> Helm:
    """A copy of an installed home, to be spoiled."""
    shutil.copytree(helm.home, home, symlinks=True)
    for name, program in on_path.items():
        (home / "bin" / name).symlink_to(program)
    return replace(helm, home=home, path=helm.path.replace(str(helm.home), str(home)))


def assert_helm3_works(helm: Helm, helm3: Path) -> None:
    helm = replace(helm, binary=helm3)
    assert list_plugins(helm) == ["compat", "other"]
    assert helm.output("compat", "version") == VERSION
    assert helm.output("other") == "still here\n"


def test_helm_3_first_then_helm_4_updates(
    git3: Helm, helm3: Path, helm4: Path, tmp_path: Path
) -> None:
    helm = share_home(git3, tmp_path / "home", {"helm4": helm4})
    assert_helm3_works(helm, helm3)
    replace(helm, binary=helm4).output("plugin", "update", "compat")
    assert_helm3_works(helm, helm3)


def test_helm_3_first_and_gone_from_path_when_helm_4_updates(
    git3: Helm, helm3: Path, helm4: Path, tmp_path: Path
) -> None:
    helm = share_home(git3, tmp_path / "home", {"helm4": helm4})
    (helm.home / "bin" / "helm").unlink()
    replace(helm, binary=helm4).output("plugin", "update", "compat")
    assert_helm3_works(helm, helm3)


def test_helm_4_first_then_helm_3_appears(
    git4: Helm, helm3: Path, helm4: Path, tmp_path: Path
) -> None:
    helm = share_home(git4, tmp_path / "home", {"helm3": helm3})
    # Nothing of ours has run since Helm 3 came; the hook heals it.
    assert list_plugins(replace(helm, binary=helm3)) == "broken"
    helm.output("plugin", "update", "compat")
    assert_helm3_works(helm, helm3)


def test_helm_4_uninstalls_then_helm_3_installs(
    git4: Helm, helm3: Path, source: Path, tmp_path: Path
) -> None:
    helm = share_home(git4, tmp_path / "home", {})
    helm.output("plugin", "uninstall", "compat")
    helm3_there = replace(helm, binary=helm3)
    assert list_plugins(helm3_there) == ["other"]
    helm3_there.output("plugin", "install", f"file://{source}")
    assert_helm3_works(helm, helm3)


def test_plugins_folder_for_helm_4_alone(
    git4: Helm, helm3: Path, chart: Path, tmp_path: Path
) -> None:
    """The commands that the hook prints when it finds a Helm 3."""
    helm = share_home(git4, tmp_path / "home", {})
    (helm.plugins / "compat-render").unlink()
    own = Path(f"{helm.plugins}-helm4")
    own.mkdir()
    (own / "compat-render").symlink_to(helm.plugins / "helm-compat" / "plugins" / "compat-render")
    both = {"HELM_PLUGINS": f"{helm.plugins}:{own}"}
    done = helm.output("template", "x", chart, "--post-renderer", "compat-render", variables=both)
    assert done == RENDERED
    assert_helm3_works(helm, helm3)


# --- When the hook links ---

UNLINKED = ["compat", "other"]
LINKED = ["compat", "compat-render", "other"]


@pytest.mark.parametrize(
    ("major", "on_path", "link", "linked"),
    [
        pytest.param(4, {"helm": 4}, None, True, id="only Helm 4"),
        pytest.param(4, {"helm": 4, "helm4": 4}, None, True, id="two of Helm 4"),
        pytest.param(4, {}, None, True, id="no Helm on PATH"),
        pytest.param(4, {"helm": 4, "helmfile": 3}, None, True, id="another program"),
        pytest.param(4, {"helm": 4, "helm3": 3}, "1", True, id="asked for beside Helm 3"),
        pytest.param(4, {"helm": 3}, None, False, id="helm is Helm 3"),
        pytest.param(4, {"helm": 4, "helm3": 3}, None, False, id="helm3"),
        pytest.param(4, {"helm": 4, "helm-3.17": 3}, None, False, id="helm-3.17"),
        pytest.param(4, {"helm": 4, "helm-v3.17.3": 3}, None, False, id="helm-v3.17.3"),
        pytest.param(4, {"helm": 0}, None, False, id="a helm that tells no version"),
        pytest.param(4, {"helm": 4}, "0", False, id="forbidden"),
        pytest.param(3, {"helm": 3}, None, False, id="only Helm 3"),
        pytest.param(3, {"helm": 4}, None, False, id="Helm 3 that is not on PATH"),
        pytest.param(3, {"helm": 4}, "1", False, id="asked for by Helm 3"),
    ],
)
@pytest.mark.parametrize("old_link", [False, True], ids=["fresh", "old link"])
def test_link(
    major: int,
    on_path: dict[str, int],
    link: str | None,
    linked: bool,
    old_link: bool,
    helm3: Path,
    helm4: Path,
    bare_path: str,
    checkout: Path,
    quick_python: Variables,
    tmp_path: Path,
) -> None:
    mute = write_program(tmp_path / "mute", "#!/bin/sh\n")
    binaries = {3: helm3, 4: helm4, 0: mute}
    programs = {name: binaries[number] for name, number in on_path.items()}
    helm = make_home(tmp_path / "home", binaries[major], bare_path, programs)
    if old_link:
        (helm.plugins / "compat-render").symlink_to("helm-compat/plugins/compat-render")
    wish = {} if link is None else {"HELM_COMPAT_LINK": link}
    helm.output("plugin", "install", checkout, variables={**quick_python, **wish})

    seen = [list_plugins(replace(helm, binary=binary)) for binary in (helm3, helm4)]
    assert seen == (["broken", LINKED] if linked else [UNLINKED, UNLINKED])


def test_folder_of_the_user_is_left(
    helm4: Path, bare_path: str, checkout: Path, quick_python: Variables, tmp_path: Path
) -> None:
    helm = make_home(tmp_path / "home", helm4, bare_path, {})
    (helm.plugins / "compat-render").mkdir()
    (helm.plugins / "compat-render" / "file").touch()
    assert helm.output("plugin", "install", checkout, variables=quick_python) == (
        "Installing plugin from local directory (development mode)\n"
        f"helm-compat: installed {__version__} with {quick_python[PYTHON]}\n"
        f"helm-compat: left {helm.plugins}/compat-render as it is, it is not ours\n"
        "Installed plugin: compat\n"
    )
    assert [path.name for path in (helm.plugins / "compat-render").iterdir()] == ["file"]


def test_hook_tells_what_to_do_beside_helm_3(
    helm3: Path,
    helm4: Path,
    bare_path: str,
    checkout: Path,
    quick_python: Variables,
    tmp_path: Path,
) -> None:
    helm = make_home(tmp_path / "home", helm4, bare_path, {"helm": helm4, "helm3": helm3})
    plugins = helm.plugins
    insist = (
        f'HELM_BIN="{helm4.resolve()}" HELM_COMPAT_LINK=1'
        f' sh "{plugins}/helm-compat/scripts/install.sh"'
    )
    (plugins / "compat-render").symlink_to("helm-compat/plugins/compat-render")
    assert helm.output("plugin", "install", checkout, variables=quick_python) == (
        "Installing plugin from local directory (development mode)\n"
        f"helm-compat: removed {plugins}/compat-render, which is not safe or wanted any more\n"
        f"helm-compat: installed {__version__} with {quick_python[PYTHON]}\n"
        "helm-compat: the post-renderer plugin of Helm 4 was not linked,"
        " because it would break this Helm 3:\n"
        f"  {helm.home}/bin/helm3\n"
        "Give Helm 4 a plugins folder of its own for it:\n"
        f'  mkdir -p "{plugins}-helm4"\n'
        f'  ln -sfn "{plugins}/helm-compat/plugins/compat-render"'
        f' "{plugins}-helm4/compat-render"\n'
        "and name both folders when Helm 4, and only Helm 4, is called:\n"
        f'  HELM_PLUGINS="{plugins}:{plugins}-helm4"'
        " helm upgrade … --post-renderer compat-render\n"
        f"If {plugins} belongs to Helm 4 alone, run:\n"
        f"  {insist}\n"
        "Installed plugin: compat\n"
    )
    subprocess.run(["/bin/sh", "-c", insist], env=helm.environment(quick_python), check=True)
    assert list_plugins(helm) == LINKED


def test_by_hand_outside_of_a_plugins_folder_nothing_is_linked(
    helm4: Path, bare_path: str, checkout: Path, quick_python: Variables, tmp_path: Path
) -> None:
    helm = make_home(tmp_path / "home", helm4, bare_path, {"helm": helm4})
    done = run_install_script(helm, checkout, quick_python)
    said = f"helm-compat: installed {__version__} with {quick_python[PYTHON]}\n"
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, said, b"")
    assert sorted(checkout.parent.iterdir()) == [checkout]


# --- When something is missing ---


@pytest.mark.parametrize(
    ("program", "message"),
    [
        pytest.param(
            None,
            "no Python 3.10 or later found: install one or name it in HELM_COMPAT_PYTHON,"
            ' then run: sh "{plugin}/scripts/install.sh"',
            id="no Python",
        ),
        pytest.param(
            "#!/bin/sh\nexit 1\n",
            "no Python 3.10 or later found: install one or name it in HELM_COMPAT_PYTHON,"
            ' then run: sh "{plugin}/scripts/install.sh"',
            id="old Python",
        ),
        pytest.param(
            NO_VENV_PYTHON,
            "python3 lacks the modules venv and ensurepip: install them"
            " (Debian, Ubuntu: apt-get install python3-venv),"
            ' then run: sh "{plugin}/scripts/install.sh"',
            id="no venv",
        ),
        pytest.param(
            FAILING_VENV_PYTHON,
            "{folder}/python3 cannot make the environment {plugin}/.plugin-env:"
            " Error: no space left",
            id="venv fails",
        ),
    ],
)
def test_hook_names_what_is_missing(
    program: str | None, message: str, helm4: Path, bare_path: str, checkout: Path, tmp_path: Path
) -> None:
    without_python = tmp_path / "programs"
    shutil.copytree(bare_path, without_python, symlinks=True)
    (without_python / "python3").unlink()
    helm = make_home(tmp_path / "home", helm4, str(without_python), {})
    if program is not None:
        write_program(helm.home / "bin" / "python3", program)
    done = run_install_script(helm, checkout)
    said = message.format(plugin=checkout, folder=helm.home / "bin")
    assert (done.returncode, done.stdout, done.stderr.decode()) == (
        1,
        b"",
        f"helm-compat: {said}\n",
    )


def test_hook_does_not_take_another_python_than_the_named(
    helm4: Path, bare_path: str, checkout: Path, tmp_path: Path
) -> None:
    helm = make_home(tmp_path / "home", helm4, bare_path, {})
    done = run_install_script(helm, checkout, {PYTHON: "/nowhere/python3"})
    said = b"helm-compat: HELM_COMPAT_PYTHON is no Python 3.10 or later: /nowhere/python3\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", said)


def test_failed_hook_can_be_run_again(
    source: Path, helm4: Path, bare_path: str, wheels: Path, chart: Path, tmp_path: Path
) -> None:
    helm = make_home(tmp_path / "home", helm4, bare_path, {"helm": helm4})
    (tmp_path / "empty").mkdir()
    empty = {"HELM_COMPAT_WHEEL_DIR": str(tmp_path / "empty")}
    arguments = ("plugin", "install", "--verify=false", f"file://{source}")
    failed = helm.run(*arguments, variables=empty)
    plugin = helm.plugins / "helm-compat"
    repair = f'sh "{plugin}/scripts/install.sh"'
    assert failed.returncode == 1
    assert failed.stderr.decode().splitlines()[-2:] == [
        f"helm-compat: pip could not install the plugin, see above; afterwards run: {repair}",
        'Error: plugin install hook for "compat" exited with error',
    ]

    unready = helm.run("compat", "version")
    said = (
        f'helm-compat: {ENVIRONMENT_MISSING} {repair}\nError: plugin "compat" exited with error\n'
    )
    assert (unready.returncode, unready.stdout, unready.stderr.decode()) == (3, b"", said)

    repaired = run_install_script(helm, plugin, {"HELM_COMPAT_WHEEL_DIR": str(wheels)})
    assert repaired.returncode == 0
    assert helm.output("compat", "version") == VERSION
    assert helm.output("template", "x", chart, "--post-renderer", "compat-render") == RENDERED


def test_post_renderer_without_environment_refuses_visibly_in_helm_4(
    helm4: Path, bare_path: str, checkout: Path, chart: Path, tmp_path: Path
) -> None:
    helm = make_home(tmp_path / "home", helm4, bare_path, {})
    (helm.plugins / "compat-render").symlink_to(checkout / "plugins" / "compat-render")
    done = helm.run("template", "x", chart, "--post-renderer", "compat-render")
    said = (
        "Error: YAML parse error on \n"
        "helm-compat refused this render:\n"
        f'  {ENVIRONMENT_MISSING} sh "{checkout}/scripts/install.sh":'
        " error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into"
        " Go struct field .apiVersion of type string\n\n"
        "Use --debug flag to render out invalid YAML\n"
    )
    assert (done.returncode, done.stdout, done.stderr.decode()) == (1, b"", said)


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({}, id="no Helm 4"),
        # A wrapper around Helm 3 may pass its own values on; Helm 3 would take the document.
        pytest.param({"HELM_PLUGIN_NAME": "compat-render"}, id="name without folder"),
        pytest.param(
            {"HELM_PLUGIN_NAME": "compat-render", "HELM_PLUGIN_DIR": "{plugin}"},
            id="folder of the other plugin",
        ),
    ],
)
def test_post_renderer_without_environment_fails_elsewhere(
    variables: dict[str, str], bare_path: str, checkout: Path
) -> None:
    values = {name: value.format(plugin=checkout) for name, value in variables.items()}
    done = subprocess.run(
        [checkout / "bin" / "compat-render"],
        input=CONFIG_MAP.encode(),
        capture_output=True,
        env={"PATH": bare_path, **values},
        check=False,
    )
    said = f'helm-compat: {ENVIRONMENT_MISSING} sh "{checkout}/scripts/install.sh"\n'
    assert (done.returncode, done.stdout, done.stderr.decode()) == (3, b"", said)
