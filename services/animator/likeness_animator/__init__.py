"""Animator service of Likeness: a portrait and speech become frames."""
