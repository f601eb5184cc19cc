"""Renders: their records, their segments, and the tasks that run them."""
