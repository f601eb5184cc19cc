"""Speech service of Likeness: scripts become audio and marks."""
