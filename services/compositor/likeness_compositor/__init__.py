"""Compositor service of Likeness: frames and audio become playable segments."""
