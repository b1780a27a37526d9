"""What the seam raises. Each message says what was found, what was expected and what to do."""


class JobsError(Exception):
    """Base of all errors of this package."""


class TaskDefinitionError(JobsError):
    """A function that cannot be a task: raised where it is decorated, so at start."""


class EnqueueError(JobsError):
    """A job that cannot be asked for: not a task, arguments that do not fit, or no transaction."""


class NotClaimed(JobsError):
    """A message whose job is not there to be run: unknown, of another task, running, settled or not yet due.

    No fault: brokers deliver twice, and whoever can write to the broker can send anything.
    """


class LeaseLost(JobsError):
    """The running job was taken over by another attempt, so this one must not change anything."""
