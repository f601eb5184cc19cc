"""`likeness`, whose `serve` starts `small_animator` as the animator."""

import sys
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from likeness_client.cli import serve
from likeness_client.cli.main import main
from likeness_client.processes.child import Program
from likeness_client.processes.services import programs


def small_programs(*arguments: Any) -> list[Program]:
    animator = sys.executable, "-m", "tests.e2e.small_animator"
    return [
        replace(program, argv=animator) if program.name == "animator" else program for program in programs(*arguments)
    ]


if __name__ == "__main__":
    with patch.object(serve, "programs", small_programs):
        main()
