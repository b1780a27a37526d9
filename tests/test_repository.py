"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from project.jobs.registry import registered
from project.queues import QUEUES
from receivers.apps import MODULES
from tests.support import ROOT, python

SOURCES = [path for room in ("project", "receivers", "tasks") for path in sorted((ROOT / room).rglob("*.py"))]
SOURCES = [path for path in [*SOURCES, ROOT / "celery_worker.py"] if "migrations" not in path.parts]
RECEIVERS = [ROOT / "receivers" / f"{module}.py" for module in MODULES]
OURS = [task for task in registered.values() if task.function.__module__.startswith("tasks.")]


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def functions(path):
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_names_its_task_module_and_its_test_module(queue):
    assert (ROOT / "tasks" / f"{queue}.py").exists()
    assert (ROOT / "tests" / "tasks" / f"test_{queue}.py").exists()
    assert f"worker-{queue}:" in (ROOT / "compose.yaml").read_text()


def test_there_is_no_task_module_without_a_queue():
    modules = {path.stem for path in (ROOT / "tasks").glob("*.py")} - {"__init__", "apps"}
    assert modules == set(QUEUES)


@pytest.mark.parametrize("task", OURS, ids=lambda task: task.name)
def test_a_task_is_in_the_module_of_its_queue_and_says_how_it_ends(task):
    assert task.function.__module__ == f"tasks.{task.queue}"
    assert re.search(r"^    Idempotent: .+\n    Gives up: .+", task.function.__doc__, re.MULTILINE)


def test_there_is_no_receiver_module_that_is_not_connected():
    assert {path.stem for path in (ROOT / "receivers").glob("*.py")} == {*MODULES, "__init__", "apps"}
    assert {path.stem for path in (ROOT / "tests" / "receivers").glob("*.py")} == {
        f"test_{module}" for module in MODULES
    }


@named(RECEIVERS)
def test_a_receiver_has_a_dispatch_uid_and_is_named_for_an_event(path):
    for function in functions(path):
        connected = [call for call in function.decorator_list if isinstance(call, ast.Call)]
        for call in connected:
            uid = next(keyword.value.value for keyword in call.keywords if keyword.arg == "dispatch_uid")
            assert uid == f"{path.stem}.{function.name}"
            assert function.name.startswith("on_")


@named(RECEIVERS)
def test_receivers_do_nothing_but_enqueue(path):
    allowed = {"enqueue", "str", "receiver", "record", "change", "is_audited", "changed", "get", "atomic", "bad_news"}
    allowed |= {"keys", "before_and_now", "may_differ", "touched"}  # what was changed, from and to
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }
    assert calls <= allowed
    assert "objects" not in path.read_text()


@named([path for path in SOURCES if "jobs" not in path.parts])
def test_nothing_but_the_seam_publishes_or_hooks_on_commit(path):
    assert not re.search(r"\.delay\(|\.apply_async\(|send_task\(|on_commit\(", path.read_text())


def test_the_ledger_asks_the_database_for_the_time():
    """So that a worker with a wrong clock breaks nothing."""
    own = [path for path in SOURCES if "jobs" in path.parts]
    assert own
    assert not [path.name for path in own if re.search(r"timezone\.now|datetime\.now|time\.time\(", path.read_text())]


def test_on_commit_stands_in_the_seam_once():
    found = [path.name for path in SOURCES if "transaction.on_commit(" in path.read_text()]
    assert sorted(found) == ["publisher.py"]


@named(SOURCES)
def test_functions_fit_on_a_screen(path):
    long = [node.name for node in functions(path) if node.end_lineno - node.lineno >= 40]
    assert not long


def test_every_command_of_the_readme_exists():
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^make ([a-z-]+)", readme, re.MULTILINE))
    assert targets
    assert targets <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_variable_is_in_the_readme():
    wiring = (ROOT / "project" / "settings.py").read_text()
    names = set(re.findall(r"environment\.\w+\(\s*\"([A-Z_]+)\"", wiring))
    assert names >= {"DATABASE_URL", "BROKER_URL"}
    readme = (ROOT / "README.md").read_text()
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_links_between_documents_lead_somewhere():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in documents for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())]
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_requirements_are_locked():
    lock = (ROOT / "requirements" / "lock.txt").read_text()
    wanted = re.findall(r"^([a-z-]+)(?:\[\w+\])?==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert len(wanted) > 10
    assert [name for name, version in wanted if f"{name}=={version} " not in lock] == []
    assert not re.search(r"https?://|file:", lock)


def test_every_requirement_has_its_reason():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    lines += (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    assert [line for line in lines if "==" in line and not re.search(r"  # [\w`]", line)] == []


def test_the_web_process_loads_no_pdf_library_and_no_image_library():
    loaded = python("import project.urls, project.wsgi, sys; print([m for m in ('typst', 'PIL') if m in sys.modules])")
    assert loaded.strip() == "[]"


def test_every_version_named_in_the_changelog_is_this_one():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_repository_keeps_nothing_that_is_made():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    made = [path for path in tracked if Path(path).suffix in {".pyc", ".sqlite3", ".pdf"} or path.startswith("var/")]
    assert made == []
