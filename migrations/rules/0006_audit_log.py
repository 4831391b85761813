"""The audit log: one chain of events for each workspace and one for the installation."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rules', '0005_purposes'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='1, 2, 3 ... in its chain')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('actor_id', models.BigIntegerField(help_text="a user's id as it was; 0 is the command line, -1 an API key")),
                ('actor_name', models.CharField(max_length=150, verbose_name='who')),
                ('action', models.CharField(help_text='such as version.submitted or release.published', max_length=40)),
                ('object_kind', models.CharField(help_text='rule, template ..., release, workspace, api_key, account, group, erasure', max_length=20)),
                ('object_key', models.CharField(max_length=200)),
                ('object_version', models.PositiveIntegerField(blank=True, help_text='number of the version or of the release', null=True)),
                ('words', models.JSONField(help_text='sentences that a person reads')),
                ('reason', models.CharField(blank=True, max_length=2000)),
                ('data', models.JSONField(blank=True, default=dict, help_text='the same for machines')),
                ('prev_hash', models.CharField(blank=True, help_text='hash of the event before; empty for the first', max_length=71)),
                ('hash', models.CharField(max_length=71)),
                ('workspace', models.ForeignKey(blank=True, help_text='null: the whole installation', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_events', to='rules.workspace')),
            ],
            options={
                'verbose_name_plural': 'audit log',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['workspace', 'object_kind', 'object_key', '-number'], name='audit_by_object'), models.Index(fields=['-at', '-id'], name='audit_by_time')],
                'constraints': [models.UniqueConstraint(fields=('workspace', 'number'), name='no_two_audit_events_with_one_number'), models.UniqueConstraint(condition=models.Q(('workspace', None)), fields=('number',), name='no_two_installation_events_with_one_number'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='no_audit_event_below_one'), models.CheckConstraint(condition=models.Q(('hash__regex', '^sha256:[0-9a-f]{64}$')), name='no_audit_hash_of_another_shape')],
            },
        ),
    ]
