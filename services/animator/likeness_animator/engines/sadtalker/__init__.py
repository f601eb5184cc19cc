"""SadTalker (Zhang et al., CVPR 2023): one photo and speech become a talking head, through 3-D motion coefficients."""
