"""Training of the network that hears mouth shapes (likeness_animator.engines.mesh.listening).

`make train` makes the corpus from embedded voices, trains, exports and measures; see model_card.md. Nothing here is
installed or imported by Likeness itself.
"""
