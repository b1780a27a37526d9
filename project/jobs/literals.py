"""Constants in queries as literals, where partial indexes ask for them.

SQLite uses a partial index only where the query's own text says what the index's condition says, and Django binds every
constant as a parameter: each round of recovery would read all that waits. (sqlite.org/partialindex.html, section 3.1)
"""

from typing import Any

from django.db.models import Field
from django.db.models.lookups import Exact


class Literal(Exact):
    """`=`, with numbers and known words written out; any other value is bound as ever.

    words: the texts that may be written out.
    """

    words: frozenset[str] = frozenset()

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        """Return the right side's SQL and its parameters."""
        if type(self.rhs) is int:
            return str(self.rhs), []
        if isinstance(self.rhs, str) and self.rhs in self.words:
            return f"'{self.rhs}'", []
        return super().process_rhs(compiler, connection)


def write_out(field: "Field[Any, Any]", *words: str) -> None:
    """Let queries of this one field have numbers and these words (letters only, or nothing) written out."""
    assert all(word.isalpha() or not word for word in words)
    lookup = type("FieldLiteral", (Literal,), {"words": frozenset(words)})
    field.register_lookup(lookup, "exact")
