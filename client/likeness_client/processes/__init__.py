"""Keeps several programs running together: `likeness serve`."""
