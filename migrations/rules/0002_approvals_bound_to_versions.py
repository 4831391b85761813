"""An approval's author and body hash are its version's: the database says so, or the check "not by the author" could be lied to."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE rules_approval ADD CONSTRAINT no_approval_of_another_body"
            " FOREIGN KEY (version_id, author_id, body_hash) REFERENCES rules_version (id, author_id, body_hash)",
            "ALTER TABLE rules_approval DROP CONSTRAINT no_approval_of_another_body",
        )
    ]
