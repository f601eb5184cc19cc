"""Lets commands share options: a dataclass of annotated fields becomes the options of every command that takes it."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints


def takes(options: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command each field of the dataclass `options` as a parameter; it receives them whole, as `options`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(options, include_extras=True)
        shared = [_parameter(field, hints[field.name]) for field in fields(options)]
        own = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in inspect.signature(command).parameters.values()
            if parameter.name != "options"
        ]

        @functools.wraps(command)
        def wrapper(**given: Any) -> None:
            chosen = options(**{parameter.name: given.pop(parameter.name) for parameter in shared})
            command(options=chosen, **given)

        signature = inspect.Signature([*shared, *own])
        setattr(wrapper, "__signature__", signature)  # noqa: B010 - a function's type has no such attribute
        wrapper.__annotations__ = {name: parameter.annotation for name, parameter in signature.parameters.items()}
        return wrapper

    return decorate


def _parameter(field: Field[Any], annotation: Any) -> inspect.Parameter:
    default = inspect.Parameter.empty if field.default is MISSING else field.default
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
