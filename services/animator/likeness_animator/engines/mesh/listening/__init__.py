"""Speech without phoneme marks: a small network hears which mouth shapes belong to the sound."""
