import pytest

from project.celery import app
from project.jobs import TaskDefinitionError, task
from project.jobs.registry import registered


@task(queue="invoices", keep_result=True)
def double(*, number: int) -> int:
    """Double a number."""
    return 2 * number


def test_a_task_is_named_for_its_module_and_function():
    assert registered["test_registry.double"] is double


def test_called_it_runs_here_and_now():
    assert double(number=2) == 4


def test_celery_knows_it_with_the_limits_of_its_queue():
    known = app.tasks["test_registry.double"]
    assert (known.soft_time_limit, known.time_limit, known.ignore_result) == (240, 300, False)


def test_an_unknown_queue_is_refused():
    with pytest.raises(TaskDefinitionError, match=r"for queue 'emial'; expected one of email, thumbnails"):

        @task(queue="emial")
        def misrouted() -> None: ...


def test_two_tasks_of_one_name_are_refused():
    with pytest.raises(TaskDefinitionError, match=r"test_registry.double exists already"):

        @task(queue="email")
        def double() -> None: ...


@pytest.mark.parametrize("name", ["about", "key", "run_at", "settle", "at_most", "priority", "task"])
def test_a_parameter_that_is_enqueues_own_is_refused(name):
    with pytest.raises(TaskDefinitionError, match=rf"takes \(\*, {name}\); expected keyword-only parameters"):
        exec(f"@task(queue='email')\ndef taken(*, {name}): ...", {"task": task, "__name__": "x"})


@pytest.mark.parametrize("parameters", ["", "*, ids", "*, ids: int", "*, ids: list", "*, ids: list[int], more: int"])
def test_what_has_other_parameters_than_lists_of_subjects_is_not_united(parameters):
    with pytest.raises(TaskDefinitionError, match=r"x.alone unites, has bundle=1 and .* expected parameters that are"):
        exec(f"@task(queue='email', unites=True)\ndef alone({parameters}): ...", {"task": task, "__name__": "x"})


def test_nor_is_what_bundles():
    with pytest.raises(TaskDefinitionError, match=r"unites, has bundle=2 and .*, and no bundle"):

        @task(queue="email", unites=True, bundle=2)
        def bundled(*, ids: list[int]) -> None: ...


def test_positional_parameters_are_refused():
    with pytest.raises(TaskDefinitionError, match=r"takes \(a: int\) -> None; expected keyword-only"):

        @task(queue="email")
        def positional(a: int) -> None: ...
