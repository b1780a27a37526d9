"""Triggers that keep issued invoices as they are, whoever asks: only a file's name may be set, once.

They are put up after every migration: SQLite drops a table's triggers whenever a migration alters the table. Only
`flush`, which empties the whole database, takes them down.
"""

from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "orders_invoice"
NAMES = {
    "postgresql": (f"{TABLE}_guard", f"{TABLE}_guard_all"),
    "sqlite": (f"{TABLE}_update", f"{TABLE}_delete"),
}
WORDS = "issued invoices are neither changed nor deleted"
# to_jsonb: whatever columns the table will have. 'pdf' alone may differ, where it was empty.
POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION {TABLE}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.pdf = '' AND to_jsonb(NEW) - 'pdf' = to_jsonb(OLD) - 'pdf' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    f"""CREATE OR REPLACE TRIGGER {TABLE}_guard BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {TABLE}_guard()""",
    f"""CREATE OR REPLACE TRIGGER {TABLE}_guard_all BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_guard()""",
]


def sqlite(columns: list[str]) -> list[str]:
    """Return the statements for SQLite. columns: all that may not change."""
    changed = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in columns)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    return [
        *down("sqlite"),
        f"CREATE TRIGGER {TABLE}_update BEFORE UPDATE ON {TABLE} WHEN OLD.pdf <> '' OR {changed} {refuse}",
        f"CREATE TRIGGER {TABLE}_delete BEFORE DELETE ON {TABLE} {refuse}",
    ]


def put_up(using: str, **_: Any) -> None:
    """Put up the guards, where the table is there (of somebody who migrates back it is not)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        columns = [column.name for column in connection.introspection.get_table_description(cursor, TABLE)]
    run(connection, POSTGRESQL if connection.vendor == "postgresql" else sqlite([c for c in columns if c != "pdf"]))


def take_down(using: str) -> None:
    """Take down the guards."""
    connection = connections[using]
    run(connection, down(connection.vendor))


def down(vendor: str) -> list[str]:
    """Return the statements that take them down."""
    on = f" ON {TABLE}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {name}{on}" for name in NAMES[vendor]]


def run(connection: "BaseDatabaseWrapper", statements: list[str]) -> None:
    """Run the statements, all or none."""
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def are_up(using: str) -> bool:
    """Tell whether the guards are there."""
    connection = connections[using]
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [TABLE])
        names = {name for (name,) in cursor.fetchall()}
    return names >= set(NAMES[connection.vendor])
