"""Decision tables: rules as CSV, one to a row, for spreadsheets. Pure: text in, rules out, and back."""

from rules.engine.tables.flat import comparisons, normal
from rules.engine.tables.reading import Row, Table, parse_table, read_table
from rules.engine.tables.writing import write_table

__all__ = ["Row", "Table", "comparisons", "normal", "parse_table", "read_table", "write_table"]
