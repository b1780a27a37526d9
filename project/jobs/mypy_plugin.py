"""A mypy plugin: the arguments of `enqueue` are checked against the parameters of its task.

Python's types cannot say "these keywords and those of the task": PEP 612 allows no keyword beside `P.kwargs`.
"""

from collections.abc import Callable

from mypy.nodes import ARG_STAR2
from mypy.plugin import FunctionSigContext, Plugin
from mypy.types import CallableType, FunctionLike, Instance, Parameters, get_proper_type

ENQUEUE = "project.jobs.enqueueing.enqueue"
TASK = "project.jobs.registry.Task"


class JobsPlugin(Plugin):
    """Gives each call of `enqueue` the signature of its task."""

    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """Take over for `enqueue` alone."""
        return with_task_parameters if fullname == ENQUEUE else None


def with_task_parameters(context: FunctionSigContext) -> FunctionLike:
    """Return enqueue's signature with its `**kwargs` replaced by the task's parameters."""
    signature = context.default_signature
    parameters = task_parameters(context)
    if not isinstance(signature, CallableType) or parameters is None:
        return signature
    own = [index for index, kind in enumerate(signature.arg_kinds) if kind != ARG_STAR2]
    return signature.copy_modified(
        arg_types=[signature.arg_types[index] for index in own] + parameters.arg_types,
        arg_kinds=[signature.arg_kinds[index] for index in own] + parameters.arg_kinds,
        arg_names=[signature.arg_names[index] for index in own] + parameters.arg_names,
    )


def task_parameters(context: FunctionSigContext) -> Parameters | None:
    """Return the parameters of the task that is the call's first argument, where it is one."""
    if not context.args or not context.args[0]:
        return None
    given = get_proper_type(context.api.get_expression_type(context.args[0][0]))
    if not isinstance(given, Instance) or given.type.fullname != TASK:
        return None
    parameters = get_proper_type(given.args[0])
    return parameters if isinstance(parameters, Parameters) else None


def plugin(_version: str) -> type[JobsPlugin]:
    """Return the plugin; mypy calls this."""
    return JobsPlugin
