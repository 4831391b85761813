"""Who may do what, who had a hand in it, and emergencies: new permissions, contributors as a constraint, and reviews afterwards.

The roles' groups themselves are made by `rules.roles` after every migration, once their permissions are there.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('rules', '0007_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmergencyReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('release_hash', models.CharField(max_length=71)),
                ('publisher_id', models.BigIntegerField(help_text="the release's publisher; the database holds it equal")),
                ('reviewer_id', models.BigIntegerField()),
                ('reviewer_name', models.CharField(max_length=150, verbose_name='reviewer')),
                ('comment', models.CharField(max_length=2000)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.AlterModelOptions(
            name='workspace',
            options={'ordering': ['key'], 'permissions': [('submit_draft', 'Can send drafts for review'), ('approve_version', 'Can approve versions'), ('publish_workspace', 'Can publish and roll back'), ('emergency_publish', 'Can publish without approvals in an emergency'), ('export_history', 'Can verify and export history')]},
        ),
        migrations.AddField(
            model_name='approval',
            name='contributors',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text="the version's; the database holds them equal, and apart", size=None),
        ),
        migrations.AddField(
            model_name='draft',
            name='before',
            field=models.JSONField(help_text='what it said, and on which base, before it was put on another one: {body, based_on}', null=True),
        ),
        migrations.AddField(
            model_name='draft',
            name='contributor_names',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=150), default=list, size=None),
        ),
        migrations.AddField(
            model_name='draft',
            name='contributors',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='ids of those whose drafts went into this one', size=None),
        ),
        migrations.AddField(
            model_name='release',
            name='emergency',
            field=models.BooleanField(default=False, help_text='published without the approvals that four eyes ask for'),
        ),
        migrations.AddField(
            model_name='version',
            name='contributor_names',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=150), default=list, size=None),
        ),
        migrations.AddField(
            model_name='version',
            name='contributors',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='ids of the others who wrote what it was made from since the last release', size=None),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('id', 'publisher_id', 'hash'), name='no_two_releases_with_one_id'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('emergency', True), ('four_eyes', True), _negated=True), name='no_emergency_with_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('id', 'contributors'), name='no_two_versions_with_one_id_and_people'),
        ),
        migrations.AddField(
            model_name='emergencyreview',
            name='release',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='rules.release'),
        ),
        migrations.AddConstraint(
            model_name='emergencyreview',
            constraint=models.CheckConstraint(condition=models.Q(('reviewer_id', models.F('publisher_id')), _negated=True), name='no_emergency_review_by_the_publisher'),
        ),
        migrations.AddConstraint(
            model_name='emergencyreview',
            constraint=models.CheckConstraint(condition=models.Q(('comment', ''), _negated=True), name='no_emergency_review_without_words'),
        ),
        # An approval's contributors are its version's, or the check "not by one of them" could be lied to; the same for a review's publisher.
        migrations.RunSQL(
            """
            ALTER TABLE rules_version ALTER contributors SET DEFAULT '{}', ALTER contributor_names SET DEFAULT '{}';
            ALTER TABLE rules_approval ALTER contributors SET DEFAULT '{}';
            ALTER TABLE rules_draft ALTER contributors SET DEFAULT '{}', ALTER contributor_names SET DEFAULT '{}';
            ALTER TABLE rules_release ALTER emergency SET DEFAULT false;
            ALTER TABLE rules_approval
                ADD CONSTRAINT no_approval_of_other_contributors
                FOREIGN KEY (version_id, contributors) REFERENCES rules_version (id, contributors),
                ADD CONSTRAINT no_approval_by_a_contributor CHECK (NOT reviewer_id = ANY (contributors));
            ALTER TABLE rules_emergencyreview
                ADD CONSTRAINT no_emergency_review_of_another_release
                FOREIGN KEY (release_id, publisher_id, release_hash) REFERENCES rules_release (id, publisher_id, hash);
            CREATE TRIGGER history_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON rules_emergencyreview
                FOR EACH STATEMENT EXECUTE FUNCTION history_is_kept();
            """,
            """
            ALTER TABLE rules_emergencyreview DROP CONSTRAINT no_emergency_review_of_another_release;
            ALTER TABLE rules_approval DROP CONSTRAINT no_approval_by_a_contributor, DROP CONSTRAINT no_approval_of_other_contributors;
            """,
        ),
    ]
