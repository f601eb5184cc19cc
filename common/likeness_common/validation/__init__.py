"""Checks of requests that several services make, so that a wrong request is refused before any work is done."""
