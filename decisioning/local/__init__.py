"""One command on one machine: the servers and programs of Signpost, started, watched and stopped. Imports no Django."""
