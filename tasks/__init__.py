"""Tasks: one module a queue. A task is a door: policy, docstring, fetch, one call into the domain."""
