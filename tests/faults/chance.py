"""What a run can show of something rare: exact, by Poisson's distribution."""

from math import exp


def at_most(found, expected):
    """Return how likely it is to find no more than so many."""
    term = total = exp(-expected)
    for number in range(1, found + 1):
        term *= expected / number
        total += term
    return total


def at_least(found, expected):
    """Return how likely it is to find so many or more."""
    return 1 - at_most(found - 1, expected) if found else 1.0


def highest(found, chance=0.05):
    """Return the highest expectation under which it is not unlikely to find so few: with 0.05 the 95 % bound."""
    low, high = 0.0, 10.0 + 4 * found
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(found, middle) > chance else (low, middle)
    return high
