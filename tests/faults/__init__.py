"""The fault program: commits of all kinds while everything is killed and frozen, and then a count of the facts."""
