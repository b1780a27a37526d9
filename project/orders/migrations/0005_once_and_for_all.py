from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0004_freeze_what_was_issued'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='invoice',
            name='buyer_email',
        ),
        migrations.RemoveField(
            model_name='invoice',
            name='buyer_name',
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'invoice')), fields=('order',), name='invoice_once_an_order'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(fields=('refund',), name='credit_note_once_a_refund'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'invoice'), ('refers_to', None), ('refund', None)), models.Q(('kind', 'credit note'), ('refers_to__isnull', False), ('refund__isnull', False)), _connector='OR'), name='credit_note_refers'),
        ),
    ]
