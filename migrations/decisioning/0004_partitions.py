"""Days of the archive are made by a function of the tables' owner, since the application's own role owns no table and may make none."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION {schema}.decisioning_make_partition(day date) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE TABLE {schema}.%I PARTITION OF {schema}.decisioning_decision FOR VALUES FROM (%L) TO (%L)',
        'decisioning_decision_' || to_char(day, 'YYYYMMDD'),
        to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00'
    );
END $$;
REVOKE ALL ON FUNCTION {schema}.decisioning_make_partition(date) FROM PUBLIC;
"""


def make(apps, schema_editor):
    """With the schema's name in it: a function that runs as the owner must not be led to a table of the same name elsewhere."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        [schema] = cursor.fetchone()
        cursor.execute(FUNCTION.replace("{schema}", schema))


def unmake(apps, schema_editor):
    schema_editor.execute("DROP FUNCTION decisioning_make_partition(date)")


class Migration(migrations.Migration):
    dependencies = [("decisioning", "0003_guards")]
    operations = [migrations.RunPython(make, unmake)]
