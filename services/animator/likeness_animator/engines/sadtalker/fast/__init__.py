"""The frame graph rewritten for processors: the same pictures from a fraction of the multiplications."""
