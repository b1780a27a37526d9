"""What fresh processes of a peer do: measure what needs no worker, and ask for what workers are measured by."""
