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
    "sqlite": (f"{TABLE}_update", f"{TABLE}_delete", f"{TABLE}_insert"),
}
WORDS = "issued invoices are neither changed nor deleted"
# to_jsonb: whatever columns the table will have. 'pdf' alone may differ, where it was empty.
BODY = f"""
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.pdf = '' AND to_jsonb(NEW) - 'pdf' = to_jsonb(OLD) - 'pdf' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation';
    END """
# As pg_get_triggerdef writes them.
TRIGGERS = {
    f"CREATE TRIGGER {TABLE}_guard BEFORE DELETE OR UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_guard()",
    f"CREATE TRIGGER {TABLE}_guard_all BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_guard()",
}
POSTGRESQL = [
    f"CREATE OR REPLACE FUNCTION {TABLE}_guard() RETURNS trigger LANGUAGE plpgsql AS $${BODY}$$",
    *(trigger.replace("CREATE", "CREATE OR REPLACE", 1) for trigger in sorted(TRIGGERS)),
]
# INSERT OR REPLACE deletes the row that is in its way, and then no trigger on DELETE is asked.
IN_THE_WAY = """id = NEW.id OR refund_id = NEW.refund_id OR (series_id = NEW.series_id AND number = NEW.number)
    OR (order_id = NEW.order_id AND kind = 'invoice' AND NEW.kind = 'invoice')"""


def sqlite(columns: list[str]) -> list[str]:
    """Return the triggers for SQLite. columns: all that may not change."""
    changed = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in columns)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    taken = f"EXISTS (SELECT 1 FROM {TABLE} WHERE {IN_THE_WAY})"  # noqa: S608  nobody else's words are in it
    return [
        f"CREATE TRIGGER {TABLE}_update BEFORE UPDATE ON {TABLE} WHEN OLD.pdf <> '' OR {changed} {refuse}",
        f"CREATE TRIGGER {TABLE}_delete BEFORE DELETE ON {TABLE} {refuse}",
        f"CREATE TRIGGER {TABLE}_insert BEFORE INSERT ON {TABLE} WHEN {taken} {refuse}",
    ]


def put_up(using: str, **_: Any) -> None:
    """Put up the guards, where the table is there as it is now (of somebody who migrates back it is not)."""
    connection = connections[using]
    columns = columns_of(connection)
    if "refund_id" not in columns:
        return
    run(connection, POSTGRESQL if connection.vendor == "postgresql" else [*down("sqlite"), *sqlite(columns)])


def columns_of(connection: "BaseDatabaseWrapper") -> list[str]:
    """Return the columns that may not change; none where there is no table."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return []
        columns = connection.introspection.get_table_description(cursor, TABLE)
    return [column.name for column in columns if column.name != "pdf"]


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
    """Tell whether the guards are there, as they were put up: one of the same name may let everything through."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return texts(connection, IN_SQLITE, TABLE) >= set(sqlite(columns_of(connection)))
    return texts(connection, IN_POSTGRESQL, TABLE) >= TRIGGERS and texts(connection, BODIES, f"{TABLE}_guard") == {BODY}


IN_SQLITE = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
IN_POSTGRESQL = """SELECT pg_get_triggerdef(oid, true) FROM pg_trigger
    WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')"""
BODIES = "SELECT prosrc FROM pg_proc WHERE oid = to_regproc(%s)"


def texts(connection: "BaseDatabaseWrapper", query: str, of: str) -> set[str]:
    """Return what the database says that it has."""
    with connection.cursor() as cursor:
        cursor.execute(query, [of])
        return {text for (text,) in cursor.fetchall()}
