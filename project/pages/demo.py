"""The login that comes with the sample data, for one's own machine only."""

USERNAME = "demo"
PASSWORD = "demo-password"  # noqa: S105  it is printed at each start
