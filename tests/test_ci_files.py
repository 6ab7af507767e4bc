"""What pre-commit, GitHub and GitLab run of ours, run as they do it: see docs/lint.md."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.cli.lint import LINT
from helm_compat.cli.options import FAIL_ON

ROOT = Path(__file__).parent.parent
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HEADER, JOB = (ROOT / "templates" / "lint.yml").read_text("utf-8").split("\n---\n")
GITLAB = yaml.safe_load(HEADER)["spec"]["inputs"]

PRE_COMMIT = "pre-commit==4.7.0"

GOOD = "registry.example.com/shop/app:1.2.3"
BAD = "registry.example.com/shop/app:1.2.3:4"
MALFORMED = "malformed-reference"

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop, namespace: default}
spec:
  containers:
    - {name: app, image: IMAGE}
"""

# Modules that our scripts import; a pull request may bring files of these names.
DECOYS = ("click", "encodings", "helm_compat", "pip", "secrets", "shlex", "venv", "yaml")


class Ran(NamedTuple):
    """How a script ended: its exit status, and all that it wrote to the log."""

    status: int
    log: str


class Step(NamedTuple):
    """How the action's step ended: also its outputs and what it adds to the job's summary."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


def write_chart(folder: Path, image: str) -> None:
    (folder / "templates").mkdir(parents=True)
    chart = f"apiVersion: v2\nname: {folder.name.replace(' ', '-')}\nversion: 1.0.0\n"
    (folder / "Chart.yaml").write_text(chart, "utf-8")
    (folder / "values.yaml").write_text(f"image: {image}\n", "utf-8")
    pod = POD.replace("IMAGE", "{{ .Values.image }}")
    (folder / "templates" / "pod.yaml").write_text(pod, "utf-8")


def fill(workspace: Path) -> Path:
    """A repository with charts, values, and decoys that leave a file `pwned` when they are run."""
    write_chart(workspace / "charts" / "good", GOOD)
    write_chart(workspace / "bad", BAD)
    write_chart(workspace / "a chart" / "it's one", GOOD)
    (workspace / "my values.yaml").write_text(f"image: {BAD}\n", "utf-8")
    for name in DECOYS:
        (workspace / f"{name}.py").write_text("open('pwned', 'w').close()\n", "utf-8")
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return fill(tmp_path / "workspace")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, bare_path: str) -> str:
    """A PATH without Helm that has what the scripts call."""
    folder = tmp_path_factory.mktemp("more-programs")
    for program in ("bash", "dash", "mktemp"):
        found = shutil.which(program)
        assert found, program
        (folder / program).symlink_to(found)
    return f"{folder}:{bare_path}"


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, programs: str, wheels: Path, helm4: Path
) -> dict[str, str]:
    """The environment of a runner with Helm, and with a package index that is a folder."""
    helms = tmp_path_factory.mktemp("helms")
    (helms / "helm").symlink_to(helm4)
    return {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "PATH": f"{helms}:{programs}",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_NO_INDEX": "1",
    }


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> Ran:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        cwd=folder,
        env=environment,
        check=False,
    )
    return Ran(done.returncode, done.stdout)


# --- pre-commit ---


@pytest.fixture(scope="module")
def pre_commit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real pre-commit, in an environment of its own."""
    folder = tmp_path_factory.mktemp("pre-commit")
    subprocess.check_call([sys.executable, "-m", "venv", str(folder)])
    pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", PRE_COMMIT]
    subprocess.check_call(pip)
    return folder / "bin" / "pre-commit"


class Repository(NamedTuple):
    """A user's repository, in which pre-commit runs our hooks."""

    program: Path
    folder: Path
    environment: Mapping[str, str]
    source: Path

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """What git says in the user's repository, or in ours."""
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            encoding="utf-8",
            cwd=folder or self.folder,
            env=self.environment,
            check=True,
        )
        return done.stdout.strip()

    def run(self, hooks: list[dict[str, Any]], *arguments: str) -> Ran:
        """Run hooks, on all files if no others are named."""
        revision = self.git("rev-parse", "HEAD", folder=self.source)
        ours = {"repo": str(self.source), "rev": revision, "hooks": hooks}
        config = self.folder / ".pre-commit-config.yaml"
        config.write_text(yaml.safe_dump({"repos": [ours]}), "utf-8")
        self.git("add", "--all")
        command = [str(self.program), "run", "--color=never", *(arguments or ("--all-files",))]
        return run(command, self.folder, self.environment)


@pytest.fixture(scope="module")
def hooked(
    tmp_path_factory: pytest.TempPathFactory, pre_commit: Path, world: dict[str, str], source: Path
) -> Mapping[str, str]:
    """The environment of a user; what pre-commit installs is kept between the tests."""
    home = tmp_path_factory.mktemp("user")
    config = "[safe]\n\tdirectory = *\n[user]\n\tname = test\n\temail = test@test\n"
    (home / ".gitconfig").write_text(config, "utf-8")
    return {**world, "HOME": str(home), "PRE_COMMIT_HOME": str(home / "cache")}


@pytest.fixture
def repository(
    tmp_path: Path, pre_commit: Path, hooked: Mapping[str, str], source: Path
) -> Repository:
    folder = tmp_path / "repository"
    write_chart(folder / "charts" / "good", GOOD)
    (folder / "README.md").write_text("A shop.\n", "utf-8")
    made = Repository(pre_commit, folder, hooked, source)
    made.git("init", "--quiet")
    return made


CHARTS, MANIFESTS = "helm-compat-lint", "helm-compat-lint-manifests"
HIDDEN = " (-v shows what is only to know)"


def write_pods(folder: Path, **images: str) -> None:
    folder.mkdir(parents=True)
    for name, image in images.items():
        (folder / f"{name}.yaml").write_text(POD.replace("IMAGE", image), "utf-8")


def test_pre_commit_passes_good_charts_and_manifests(repository: Repository) -> None:
    write_pods(repository.folder / "manifests", one=GOOD, two=GOOD.replace("1.2.3", "1.2.4"))
    done = repository.run([{"id": CHARTS, "verbose": True}, {"id": MANIFESTS, "verbose": True}])
    assert done.status == 0, done.log
    assert done.log.count("Passed") == 2
    assert "1 to know in 1 input, 1 document (-v" in done.log
    # Both files were checked by one process, as one state.
    assert "warning[mixed-tags]" in done.log
    assert "2 to know in 2 inputs, 2 documents (-v" in done.log


def test_pre_commit_stops_a_bad_chart(repository: Repository) -> None:
    write_chart(repository.folder / "charts" / "bad", BAD)
    done = repository.run([{"id": CHARTS}])
    assert done.status == 1
    assert f"error[{MALFORMED}]" in done.log
    assert "--> charts/bad/values.yaml:1:8" in done.log


def test_pre_commit_checks_the_folders_of_args(repository: Repository) -> None:
    write_chart(repository.folder / "deploy" / "bad", BAD)
    assert repository.run([{"id": CHARTS}]).status == 0
    done = repository.run([{"id": CHARTS, "args": ["charts", "deploy", "--fail-on=never"]}])
    assert done.status == 0, done.log
    done = repository.run([{"id": CHARTS, "args": ["charts", "deploy"]}])
    assert done.status == 1
    assert "--> deploy/bad/values.yaml:1:8" in done.log


def test_pre_commit_stops_bad_manifests_of_the_users_files(repository: Repository) -> None:
    write_pods(repository.folder / "deploy", bad=BAD)
    assert "no files to check" in repository.run([{"id": MANIFESTS}]).log
    done = repository.run([{"id": MANIFESTS, "files": "^deploy/"}])
    assert done.status == 1
    assert "--> deploy/bad.yaml:6:" in done.log


def test_pre_commit_leaves_other_changes_alone(repository: Repository) -> None:
    done = repository.run([{"id": CHARTS}, {"id": MANIFESTS}], "--files", "README.md")
    assert done.status == 0
    assert done.log.count("no files to check") == 2


def test_pre_commit_says_that_there_is_no_helm(repository: Repository, programs: str) -> None:
    without = repository._replace(environment={**repository.environment, "PATH": programs})
    done = without.run([{"id": CHARTS}])
    assert done.status == 1
    assert "exit code: 3" in done.log
    assert "there is no helm to render charts with" in done.log


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("charts/shop/README.md", True),
        ("charts/shop/charts/store-1.0.0.tgz", True),
        ("shop/Chart.yaml", True),
        ("Chart.lock", True),
        ("shop/values.yaml", True),
        ("shop/values.schema.json", True),
        ("deploy/values-prod.yml", True),
        ("deploy/prod.values.yaml", True),
        ("shop/templates/_helpers.tpl", True),
        ("shop/crds/shops.yaml", True),
        (".helm-compat.yaml", True),
        ("deploy/compat.lock.yaml", True),
        ("README.md", False),
        ("Chart.yaml.orig", False),
        ("my-charts/readme.md", False),
        ("docs/charts.md", False),
        ("src/values.py", False),
        ("docker-compose.yaml", False),
    ],
)
def test_which_files_are_of_a_chart(path: str, matches: bool) -> None:
    hook = next(hook for hook in HOOKS if hook["id"] == CHARTS)
    assert bool(re.search(hook["files"], path)) is matches


# --- The action for GitHub ---

_expression = re.compile(r"\$\{\{ (inputs|steps\.lint\.outputs)\.([a-z-]+) \}\}")


def run_step(
    step: dict[str, Any],
    given_inputs: Mapping[str, str],
    world: Mapping[str, str],
    temp: Path,
    folder: Path,
) -> Step:
    """Run a step as the runner does, which hands over its inputs as variables."""
    unknown = set(given_inputs) - set(ACTION["inputs"])
    assert not unknown
    variables = {}
    for name, text in step["env"].items():
        found = _expression.fullmatch(text)
        assert found, text
        variables[name] = given_inputs.get(found[2], ACTION["inputs"][found[2]].get("default", ""))
    files = {key: temp / f"{key}.file" for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_bytes(b"")
    script = temp / "script.sh"
    script.write_text(step["run"], "utf-8")
    own = {"RUNNER_TEMP": f"{temp}", **{key: f"{file}" for key, file in files.items()}}
    assert step["shell"] == "bash"
    done = run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        folder,
        {**world, **own, **variables},
    )
    outputs = read_outputs(files["GITHUB_OUTPUT"].read_text("utf-8"))
    return Step(*done, outputs, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"))


def read_outputs(text: str) -> dict[str, str]:
    """Read `NAME=VALUE` and `NAME<<MARK`, as the runner does."""
    outputs = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, mark, value = re.fullmatch(r"([^=<]+)(=|<<)(.*)", line).groups()  # type: ignore[union-attr]
        if mark == "<<":
            value = "\n".join(iter(lambda lines=lines: next(lines), value))
        outputs[name] = value
    return outputs


def commands(log: str) -> list[str]:
    """The lines that the runner takes for commands.

    They may be indented, and the old ones stand anywhere: ActionCommand.cs in
    https://github.com/actions/runner
    """
    found = []
    token = ""
    for line in log.splitlines():
        text = line.lstrip()
        if token:
            token = "" if text == f"::{token}::" else token
        elif text.startswith("::stop-commands::"):
            token = text.removeprefix("::stop-commands::")
        elif text.startswith("::") or "##[" in text:
            found.append(text)
    assert not token
    return found


class Action(NamedTuple):
    """The action, installed on a runner."""

    world: Mapping[str, str]
    temp: Path

    def lint(self, workspace: Path, **inputs: str) -> Step:
        """Run its second step; an underscore in a name stands for a hyphen."""
        named = {name.replace("_", "-"): text for name, text in inputs.items()}
        step = next(step for step in ACTION["runs"]["steps"] if step.get("id") == "lint")
        done = run_step(step, named, self.world, self.temp, workspace)
        assert done.outputs["exit-code"] == str(done.status)
        assert not (workspace / "pwned").exists()
        return done


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory, world: dict[str, str], source: Path) -> Action:
    """The action after its first step."""
    temp = tmp_path_factory.mktemp("runner temp")
    workspace = fill(tmp_path_factory.mktemp("workspace") / "work")
    environment = {**world, "GITHUB_ACTION_PATH": str(source)}
    done = run_step(ACTION["runs"]["steps"][0], {}, environment, temp, workspace)
    assert done == Step(0, "", {}, "")
    assert not (workspace / "pwned").exists()
    return Action(environment, temp)


def test_action_holds_no_expression_in_a_script_and_no_other_action() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert set(step) <= {"name", "id", "shell", "env", "run"}


def test_action_has_descriptions_and_outputs_of_its_step() -> None:
    records = [*ACTION["inputs"].values(), *ACTION["outputs"].values()]
    assert all(record["description"] for record in records)
    script = ACTION["runs"]["steps"][-1]["run"]
    for name, record in ACTION["outputs"].items():
        found = _expression.fullmatch(record["value"])
        assert found
        assert found[2] == name
        assert f"'{name}<<" in script or f'"{name}=' in script or f"'echo \"{name}=" in script


def test_action_passes_a_good_chart(action: Action, workspace: Path) -> None:
    done = action.lint(workspace)
    assert done.status == 0, done.log
    assert done.outputs == {"exit-code": "0", "sarif": "helm-compat.sarif"}
    assert f"1 to know in 1 input, 1 document{HIDDEN}; not checked: 0" in done.log
    assert done.summary.startswith("**helm-compat**: 1 to know in 1 input")
    [notice] = commands(done.log)
    assert notice.startswith("::notice file=charts/good/")
    sarif = json.loads((workspace / "helm-compat.sarif").read_text("utf-8"))
    assert sarif["runs"][0]["results"][0]["ruleId"] == "missing-digest"


def test_action_stops_a_bad_chart(action: Action, workspace: Path) -> None:
    done = action.lint(workspace, path="charts\nbad", args="--ignore missing-digest")
    assert done.status == 1
    assert done.outputs == {"exit-code": "1", "sarif": "helm-compat.sarif"}
    assert f"error[{MALFORMED}]" in done.log
    assert MALFORMED in done.summary
    [error] = commands(done.log)
    assert error.startswith("::error file=bad/values.yaml,line=1,col=8,")


def test_action_without_sarif(action: Action, workspace: Path) -> None:
    done = action.lint(workspace, sarif_file="")
    assert (done.status, done.outputs) == (0, {"exit-code": "0"})
    assert not (workspace / "helm-compat.sarif").exists()


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        pytest.param({"fail_on": "info"}, 1, id="a lower level"),
        pytest.param({"path": "bad", "fail_on": "never"}, 0, id="no level"),
        pytest.param({"values": "'my values.yaml'"}, 1, id="values with a space"),
        pytest.param({"path": "'a chart'"}, 0, id="folder with a space"),
        pytest.param({"path": '"a chart/it\'s one"'}, 0, id="folder with an apostrophe"),
        pytest.param({"path": "bad", "args": "--select 'floating-tag'"}, 0, id="quoted option"),
        pytest.param({"args": f"--set 'image={BAD}'"}, 1, id="a value"),
        pytest.param({"path": "it's"}, 2, id="open quote"),
        pytest.param({"args": '--select "'}, 2, id="open quote in args"),
        pytest.param({"path": ""}, 2, id="nothing"),
        pytest.param({"path": "-"}, 2, id="standard input"),
        pytest.param({"path": "bad --fail-on=never"}, 2, id="option for a path"),
        pytest.param({"path": "*"}, 2, id="pattern"),
        pytest.param({"path": "$(touch pwned)"}, 2, id="substitution"),
        pytest.param({"path": "'$(touch pwned)'"}, 2, id="quoted substitution"),
        pytest.param({"path": "`touch pwned`"}, 2, id="backquotes"),
        pytest.param({"path": "charts; touch pwned"}, 2, id="two commands"),
        pytest.param({"path": "charts\ntouch pwned"}, 2, id="two lines"),
        pytest.param({"path": '"\ntouch pwned\n"'}, 2, id="quoted line"),
        pytest.param({"values": "$(touch pwned)"}, 2, id="values by substitution"),
        pytest.param({"args": "&& touch pwned"}, 2, id="commands for args"),
        pytest.param({"args": "$(touch pwned)"}, 2, id="args by substitution"),
        pytest.param({"fail_on": "error; touch pwned"}, 2, id="level with a command"),
        pytest.param({"fail_on": "never\nexit-code=0"}, 2, id="level with an output"),
        pytest.param({"sarif_file": "no/folder.sarif"}, 2, id="SARIF in no folder"),
    ],
)
def test_action_takes_inputs_for_what_they_are(
    action: Action, workspace: Path, inputs: dict[str, str], status: int
) -> None:
    done = action.lint(workspace, **inputs)
    assert done.status == status, done.log


@pytest.mark.parametrize(
    "name", ["$(touch pwned).sarif", "it's `one`.sarif", "-x.sarif", "a\nexit-code=7", "*"]
)
def test_action_writes_sarif_to_any_name(action: Action, workspace: Path, name: str) -> None:
    done = action.lint(workspace, sarif_file=name)
    assert done.status == 0, done.log
    assert done.outputs == {"exit-code": "0", "sarif": name}
    assert (workspace / name).is_file()


def test_action_obeys_no_chart(action: Action, workspace: Path) -> None:
    forged = r"{{ fail \"\n::error::forged\n  ::add-mask::forged\n##[error]forged\" }}"
    hostile = workspace / "hostile"
    write_chart(hostile, GOOD)
    (hostile / "templates" / "pod.yaml").write_text(forged.replace('\\"', '"'), "utf-8")
    done = action.lint(workspace, path="hostile")
    assert done.status == 3
    # The log shows it, where the runner obeys nothing.
    assert "::add-mask::forged" in done.log
    [error] = commands(done.log)
    assert error.startswith("::error file=hostile,title=check-not-made::")


def test_action_names_an_open_quote(action: Action, workspace: Path) -> None:
    done = action.lint(workspace, values="it's")
    assert done.log == "::error title=helm-compat::values: a quote is not closed\n"


def test_action_without_helm(action: Action, workspace: Path, programs: str) -> None:
    done = action._replace(world={**action.world, "PATH": programs}).lint(workspace)
    assert done.status == 3
    assert "there is no helm to render charts with" in done.log


def test_action_with_helm_3(action: Action, workspace: Path, programs: str, helm3: Path) -> None:
    world = {**action.world, "PATH": programs, "HELM_BIN": str(helm3)}
    assert action._replace(world=world).lint(workspace, path="charts bad").status == 1


# --- The job for GitLab ---


def read_job(**inputs: str) -> dict[str, Any]:
    """The job as GitLab reads it: inputs are put into the text, then that is read as YAML."""
    required = {name for name, record in GITLAB.items() if "default" not in record}
    named = {name.replace("_", "-"): text for name, text in inputs.items()}
    assert required <= set(named) <= set(GITLAB)

    def put(found: re.Match[str]) -> str:
        return str(named.get(found[1], GITLAB[found[1]].get("default")))

    jobs = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", put, JOB))
    [(name, job)] = jobs.items()
    assert name == named.get("job", "helm-compat-lint")
    assert isinstance(job, dict)
    return job


@pytest.fixture(scope="module")
def wheel(wheels: Path) -> str:
    """Our own wheel, which is installed in a moment."""
    [file] = wheels.glob("helm_compat-*.whl")
    return str(file)


SHELLS = {"bash": ["bash", "-eo", "pipefail"], "sh": ["dash", "-e"]}


def run_scripts(
    shell: str, workspace: Path, world: Mapping[str, str], job: dict[str, Any], scripts: list[str]
) -> Ran:
    """Run scripts of a job in one shell, as the runner does."""
    variables = job["variables"]
    # Without this GitLab would take `$X` in a value for a variable of the pipeline.
    assert all(record["expand"] is False for record in variables.values())
    values = {name: record["value"] for name, record in variables.items()}
    command = [*SHELLS[shell], "-c", "\n".join(scripts)]
    done = run(command, workspace, {**world, **values})
    assert not (workspace / "pwned").exists()
    return done


class Job(NamedTuple):
    """The job, in a world in which its first script was run."""

    world: Mapping[str, str]
    environment: str

    def lint(self, shell: str, workspace: Path, **inputs: str) -> Ran:
        """Run its second script; an underscore in a name stands for a hyphen."""
        job = read_job(install="x", image="python", **inputs)
        before = f"environment={shlex.quote(self.environment)}"
        return run_scripts(shell, workspace, self.world, job, [before, *job["script"]])


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, world: dict[str, str], wheel: str) -> Job:
    """The job after its first script."""
    workspace = fill(tmp_path_factory.mktemp("project") / "work")
    made = read_job(install=wheel, image="python")
    scripts = [*made["before_script"], 'printf %s "$environment"']
    done = run_scripts("sh", workspace, world, made, scripts)
    assert done.status == 0, done.log
    return Job(world, done.log)


def test_job_installs_and_lints(workspace: Path, world: dict[str, str], wheel: str) -> None:
    made = read_job(install=wheel, image="python")
    done = run_scripts("bash", workspace, world, made, made["before_script"] + made["script"])
    assert done.status == 0, done.log
    assert done.log == f"1 to know in 1 input, 1 document{HIDDEN}; not checked: 0\n"


@pytest.mark.parametrize("install", ["$(touch pwned)", "--version; touch pwned", "no-such-package"])
def test_job_says_that_it_cannot_install(
    workspace: Path, world: dict[str, str], install: str
) -> None:
    made = read_job(install=install, image="python")
    done = run_scripts("sh", workspace, world, made, made["before_script"])
    assert done.status == 3
    assert "ERROR: " in done.log


@pytest.mark.parametrize("shell", SHELLS)
def test_job_reports_what_it_finds(shell: str, workspace: Path, job: Job) -> None:
    args = "--ignore missing-digest"
    done = job.lint(shell, workspace, path="charts bad 'a chart'", args=args)
    assert done.status == 1, done.log
    assert f"error[{MALFORMED}]" in done.log
    assert "1 error in 3 inputs, 3 documents; not checked: 0" in done.log
    artifacts = read_job(install="x", image="y")["artifacts"]
    reports = artifacts["reports"]
    assert artifacts["paths"] == [*reports.values()]
    [issue] = json.loads((workspace / reports["codequality"]).read_text("utf-8"))
    assert issue["location"] == {"path": "bad/values.yaml", "lines": {"begin": 1}}
    root = ElementTree.parse(workspace / reports["junit"]).getroot()
    assert (root.get("tests"), root.get("failures")) == ("3", "1")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        pytest.param({}, 0, id="a good chart"),
        pytest.param({"fail_on": "info"}, 1, id="a lower level"),
        pytest.param({"values": "'my values.yaml'"}, 1, id="values"),
        pytest.param({"args": f"--set 'image={BAD}'"}, 1, id="a value"),
        pytest.param({"path": '"a chart/it\'s one"'}, 0, id="folder with an apostrophe"),
        pytest.param({"path": "it's"}, 2, id="open quote"),
        pytest.param({"path": "bad --fail-on=never"}, 2, id="option for a path"),
        pytest.param({"path": "*"}, 2, id="pattern"),
        pytest.param({"path": "'$(touch pwned)' `touch pwned`; touch pwned"}, 2, id="path"),
        pytest.param({"values": "$(touch pwned)"}, 2, id="values by substitution"),
        pytest.param({"args": "$(touch pwned) && touch pwned #"}, 2, id="args"),
    ],
)
def test_job_takes_inputs_for_what_they_are(
    shell: str, workspace: Path, job: Job, inputs: dict[str, str], status: int
) -> None:
    done = job.lint(shell, workspace, **inputs)
    assert done.status == status, done.log


def test_job_names_an_open_quote(workspace: Path, job: Job) -> None:
    assert job.lint("sh", workspace, args="it's").log == "args: a quote is not closed\n"


def test_job_without_helm(workspace: Path, job: Job, programs: str) -> None:
    done = job._replace(world={**job.world, "PATH": programs}).lint("sh", workspace)
    assert done.status == 3
    # What could not be checked is in the reports too.
    assert "check-not-made" in (workspace / "gl-code-quality-report.json").read_text("utf-8")


_lines = st.text(st.characters(codec="utf-8")).map(
    lambda text: "".join(c for c in text if c.isprintable()).strip()
)


@given(_lines)
def test_job_keeps_an_input_of_one_line(line: str) -> None:
    job = read_job(install=line, image="python", path=line, values=line, args=line)
    values = {name: record["value"] for name, record in job["variables"].items()}
    kept = dict.fromkeys(("LINT_INSTALL", "LINT_PATH", "LINT_VALUES", "LINT_ARGS"), line)
    assert values == {**kept, "LINT_FAIL_ON": ""}


def test_job_has_descriptions_and_the_levels_of_lint() -> None:
    assert all(record["description"] for record in GITLAB.values())
    assert GITLAB["fail-on"]["options"] == ["", *FAIL_ON.choices]


def test_job_is_named_and_placed_by_inputs() -> None:
    job = read_job(install="x", image="registry.example.com:5000/ci:1", job="charts", stage="build")
    assert job["stage"] == "build"
    assert job["image"]["name"] == "registry.example.com:5000/ci:1"


# --- The manual ---

MANUAL = (ROOT / "docs" / "lint.md").read_text("utf-8")


def snippet(file: str) -> Any:
    """The YAML that the manual shows for a file."""
    found = re.search(rf"```yaml\n# {re.escape(file)}\n(.*?)```", MANUAL, re.DOTALL)
    assert found, file
    return yaml.safe_load(found[1])


def test_manual_names_hooks_that_exist() -> None:
    [repository] = snippet(".pre-commit-config.yaml")["repos"]
    shown = [hook["id"] for hook in repository["hooks"]]
    assert shown == [hook["id"] for hook in HOOKS]


def test_manual_names_inputs_and_outputs_of_the_action() -> None:
    steps = snippet(".github/workflows/lint.yaml")["jobs"]["lint"]["steps"]
    [step] = (step for step in steps if step.get("id") == "lint")
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert steps[-1]["with"]["sarif_file"] == ACTION["outputs"]["sarif"]["value"]


def test_manual_names_inputs_of_the_job() -> None:
    [include] = snippet(".gitlab-ci.yml")["include"]
    inputs = {name.replace("-", "_"): text for name, text in include["inputs"].items()}
    assert read_job(**inputs)
    # A component is named for its file.
    name = include["component"].partition("@")[0].rpartition("/")[2]
    assert (ROOT / "templates" / f"{name}.yml").is_file()


def test_manual_shows_options_that_exist() -> None:
    flags = {option.flag for option in LINT} | {option.short for option in LINT}
    lines = re.findall(
        r"helm compat lint .*", "\n".join(re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL))
    )
    assert len(lines) > 8
    for line in lines:
        words = shlex.split(line.partition("  #")[0])
        assert {word for word in words if word.startswith("-") and word != "-"} <= flags


def test_hooks_run_a_program_that_is_installed() -> None:
    scripts = (ROOT / "pyproject.toml").read_text("utf-8")
    for hook in HOOKS:
        program, command = hook["entry"].split()
        assert (hook["language"], command) == ("python", "lint")
        assert f'\n{program} = "' in scripts
