import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


def counted() -> list[tuple[str, models.Field]]:
    return [
        ('day', models.DateField()),
        ('currency', models.CharField(max_length=3)),
        ('orders', models.PositiveIntegerField()),
        ('units', models.PositiveBigIntegerField()),
        ('revenue', models.DecimalField(decimal_places=3, max_digits=20)),
        ('as_of', models.DateTimeField()),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_three_decimals'),
    ]

    operations = [
        migrations.AlterField(
            model_name='productstatistics',
            name='revenue',
            field=models.DecimalField(decimal_places=3, default=Decimal('0'), max_digits=20),
        ),
        migrations.AlterField(
            model_name='productstatistics',
            name='units',
            field=models.PositiveBigIntegerField(default=0),
        ),
        # What was counted does not know its currencies: recount_statistics counts it anew.
        migrations.DeleteModel(name='DailySales'),
        migrations.CreateModel(
            name='DailySales',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                *counted(),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='daily_sales', to='catalog.product')),
            ],
            options={
                'verbose_name_plural': 'daily sales',
                'ordering': ['day', 'currency'],
                'indexes': [models.Index(fields=['day'], name='daily_sales_day')],
                'constraints': [models.UniqueConstraint(fields=('product', 'day', 'currency'), name='daily_sales_once')],
            },
        ),
        migrations.CreateModel(
            name='DailyTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                *counted(),
            ],
            options={
                'ordering': ['day', 'currency'],
                'constraints': [models.UniqueConstraint(fields=('day', 'currency'), name='daily_total_once')],
            },
        ),
    ]
