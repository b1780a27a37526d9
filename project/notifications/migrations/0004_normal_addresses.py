from django.db import migrations

from project.notifications.addresses import normal


def normalise(apps, schema_editor):
    """Write each address as it is compared now; of two that became one the first stays."""
    for name in ("Suppression", "Unsubscription"):
        rows = apps.get_model("notifications", name).objects.using(schema_editor.connection.alias)
        for row in rows.order_by("id"):
            address = normal(row.address)
            if address == row.address:
                continue
            same = {"address": address} | ({"kind": row.kind} if name == "Unsubscription" else {})
            if rows.filter(**same).exists():
                row.delete()
            else:
                rows.filter(pk=row.pk).update(address=address)


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0003_choices'),
    ]

    operations = [
        migrations.RunPython(normalise, migrations.RunPython.noop, elidable=True),
    ]
