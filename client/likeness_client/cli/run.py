"""Runs a command's asynchronous body and turns whatever happens into one line and an exit code."""

import asyncio
import json
import os
import signal
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from likeness_client.cli.exits import ExitCode, as_json, describe, exit_code, exit_code_of_system
from likeness_common.errors import LikenessError

Result = TypeVar("Result")


def run(
    body: Coroutine[Any, Any, Result], *, as_machine: bool = False, passed_on: type[Exception] = typer.Exit
) -> Result:
    """Run `body` until it returns. Ctrl-C and SIGTERM cancel it, so that it can clean up.

    With `as_machine`, errors are also printed as JSON. Exceptions of the type `passed_on` are left to the caller. Set
    LIKENESS_DEBUG=1 to see tracebacks.
    """
    try:
        return asyncio.run(_with_sigterm(body))
    except (typer.BadParameter, typer.Exit, passed_on):
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("interrupted", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except LikenessError as error:
        if as_machine:
            typer.echo(json.dumps(as_json(error)))
        fail(describe(error), exit_code(error))
    except BrokenPipeError:
        _silence_stdout()
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except OSError as error:
        fail(f"error: {error.filename or 'file'}: {error.strerror or error}", exit_code_of_system(error))
    except Exception as error:
        if os.environ.get("LIKENESS_DEBUG"):
            raise
        fail(f"error: {type(error).__name__}: {error} (LIKENESS_DEBUG=1 shows where) [INTERNAL]", ExitCode.INTERNAL)


def fail(message: str, code: ExitCode) -> NoReturn:
    """Say what is wrong on stderr and exit."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


async def _with_sigterm(body: Coroutine[Any, Any, Result]) -> Result:
    loop = asyncio.get_running_loop()
    task = loop.create_task(body)
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def _silence_stdout() -> None:
    """Whoever read our output is gone; without this the interpreter would complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
