"""Traces and metrics. Scripts, audio and portraits never enter a span, a metric or a log."""
