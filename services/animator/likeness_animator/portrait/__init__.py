"""Portrait analysis: from an image file to an upright picture with facial landmarks."""
