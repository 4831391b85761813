"""Workspaces, identities, drafts, insert-only history and API keys, with the constraints that guard them."""

import django.core.validators
import django.db.models.deletion
import rules.models.workspaces
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('trait', 'trait'), ('context', 'context'), ('signal', 'signal'), ('tag', 'tag'), ('score', 'score'), ('threshold', 'threshold'), ('template', 'template'), ('placement', 'placement'), ('rule', 'rule')], editable=False, max_length=20)),
                ('key', models.CharField(max_length=100)),
                ('created_at', models.DateTimeField(editable=False)),
            ],
            options={
                'ordering': ['workspace_id', 'kind', 'key'],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('manifest', models.JSONField(help_text='every live version: kind, key, version, body_hash')),
                ('bundle', models.TextField(help_text='the workspace document in its RFC 8785 form')),
                ('digest', models.CharField(help_text='of the bundle', max_length=71)),
                ('effective_from', models.DateTimeField()),
                ('published_at', models.DateTimeField()),
                ('publisher_id', models.BigIntegerField()),
                ('publisher_name', models.CharField(max_length=150, verbose_name='publisher')),
                ('reason', models.CharField(max_length=500)),
                ('four_eyes', models.BooleanField(help_text='whether a second person had to approve')),
                ('rolled_back_to', models.PositiveIntegerField(help_text='the release whose manifest this one repeats', null=True)),
                ('prev_hash', models.CharField(blank=True, help_text='hash of the release before; empty for the first', max_length=71)),
                ('hash', models.CharField(max_length=71)),
            ],
            options={
                'ordering': ['-published_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ContextAttribute',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Threshold',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Trait',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.item',),
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('schema', models.PositiveSmallIntegerField(default=1)),
                ('body', models.JSONField(help_text='null: the item was removed', null=True)),
                ('body_hash', models.CharField(max_length=71)),
                ('author_id', models.BigIntegerField(help_text="a user's id as it was; 0 is the command line")),
                ('author_name', models.CharField(max_length=150, verbose_name='author')),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('based_on', models.PositiveIntegerField(null=True)),
                ('created_at', models.DateTimeField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='rules.item')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ReleaseChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='rules.item')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='rules.release')),
                ('after', models.ForeignKey(help_text='null: not there by a roll-back', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='released', to='rules.version')),
                ('before', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rules.version')),
            ],
            options={
                'ordering': ['item_id'],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body_hash', models.CharField(max_length=71)),
                ('author_id', models.BigIntegerField(help_text="the version's author; the database holds it equal")),
                ('reviewer_id', models.BigIntegerField()),
                ('reviewer_name', models.CharField(max_length=150, verbose_name='reviewer')),
                ('verdict', models.CharField(choices=[('approved', 'approved'), ('changes_asked', 'asked for changes')], max_length=20)),
                ('comment', models.CharField(blank=True, max_length=2000)),
                ('created_at', models.DateTimeField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='rules.version')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Workspace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Never changes: apps and addresses use it.', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_-]{0,63}\\Z', 'Use lower-case letters, digits, - and _, at most 64.')])),
                ('name', models.CharField(blank=True, max_length=200)),
                ('timezone', models.CharField(default='UTC', help_text='What “hour” and “weekday” mean in rules.', max_length=64, validators=[rules.models.workspaces.known_timezone], verbose_name='time zone')),
                ('four_eyes', models.BooleanField(default=False, help_text='Nothing goes live unless a second person approved it. Each release says whether this was on.', verbose_name='four eyes')),
            ],
            options={
                'ordering': ['key'],
                'permissions': [('publish_workspace', 'Can publish and roll back'), ('approve_version', 'Can approve versions')],
                'constraints': [models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z0-9][a-z0-9_-]{0,63}$')), name='no_workspace_key_of_another_shape')],
            },
        ),
        migrations.AddField(
            model_name='release',
            name='workspace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='rules.workspace'),
        ),
        migrations.AddField(
            model_name='item',
            name='workspace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='rules.workspace'),
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('secret', 'secret (servers)'), ('publishable', 'publishable (browsers)')], max_length=20)),
                ('label', models.CharField(blank=True, help_text='Who uses it, and where.', max_length=100)),
                ('prefix', models.CharField(max_length=11, unique=True)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('scopes', models.JSONField(blank=True, default=list, help_text='None chosen: all that this kind of key may do.')),
                ('origins', models.JSONField(blank=True, default=list)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='rules.workspace')),
            ],
            options={
                'verbose_name': 'API key',
                'ordering': ['workspace_id', '-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('author_id', models.BigIntegerField(help_text="a user's id; 0 is the command line")),
                ('author_name', models.CharField(max_length=150, verbose_name='author')),
                ('body', models.JSONField(help_text='null: remove the item', null=True)),
                ('based_on', models.PositiveIntegerField(help_text='number of the version that was changed; null: there was none', null=True)),
                ('revision', models.PositiveIntegerField(default=1, help_text="rises with each save, so that two windows can't overwrite each other")),
                ('updated_at', models.DateTimeField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='rules.item')),
            ],
            options={
                'ordering': ['-updated_at'],
                'constraints': [models.UniqueConstraint(fields=('item', 'author_id'), name='no_two_drafts_by_one_author')],
            },
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('item', 'number'), name='no_two_versions_with_one_number'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('id', 'author_id', 'body_hash'), name='no_two_versions_with_one_id'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='no_version_below_one'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.CheckConstraint(condition=models.Q(('body_hash__regex', '^sha256:[0-9a-f]{64}$')), name='no_body_hash_of_another_shape'),
        ),
        migrations.AddConstraint(
            model_name='releasechange',
            constraint=models.UniqueConstraint(fields=('release', 'item'), name='no_two_changes_of_one_item'),
        ),
        migrations.AddConstraint(
            model_name='releasechange',
            constraint=models.CheckConstraint(condition=models.Q(('before__isnull', False), ('after__isnull', False), _connector='OR'), name='no_change_of_nothing'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.CheckConstraint(condition=models.Q(('reviewer_id', models.F('author_id')), _negated=True), name='no_approval_by_the_author'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['approved', 'changes_asked'])), name='no_other_verdict'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('workspace', 'number'), name='no_two_releases_with_one_number'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('workspace', 'prev_hash'), name='no_two_releases_after_one'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='no_release_below_one'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('hash__regex', '^sha256:[0-9a-f]{64}$'), ('digest__regex', '^sha256:[0-9a-f]{64}$')), name='no_release_hash_of_another_shape'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('workspace', 'kind', 'key'), name='no_two_items_with_one_key'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['trait', 'context', 'signal', 'tag', 'score', 'threshold', 'template', 'placement', 'rule'])), name='no_item_of_an_unknown_kind'),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['secret', 'publishable'])), name='no_other_kind_of_key'),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='no_key_in_plain_text'),
        ),
    ]
