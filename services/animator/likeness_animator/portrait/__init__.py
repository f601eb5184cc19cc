"""Portrait analysis: from an image file to an upright picture with facial landmarks."""

from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.portrait.analyser import PortraitAnalyser
from likeness_animator.portrait.cache import PortraitCache

__all__ = ["AnalysedPortrait", "PortraitAnalyser", "PortraitCache"]
