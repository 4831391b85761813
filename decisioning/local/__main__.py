"""`python -m decisioning.local`: run Signpost on this machine until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from decisioning.local.console import Console
from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder
from decisioning.local.programs import ROOT
from decisioning.local.supervisor import Supervisor


def main() -> int:
    parser = argparse.ArgumentParser(prog="start.py", description="Run Signpost on this machine until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8000, help="the web server's port; where it is taken the next free one (0: any) [8000]")
    parser.add_argument("--data-dir", type=Path, default=ROOT / ".data", help="where all data, keys and logs are kept [.data]")
    options = parser.parse_args()
    folder = Folder(options.data_dir)
    try:
        folder.open()
        return Supervisor(folder, Console(sys.stdout), port=options.port).run()
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
