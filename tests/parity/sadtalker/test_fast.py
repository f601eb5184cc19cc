"""The rewritten frame graph at full size, against the reference implementation and the plain networks."""

import pytest
import torch

from likeness_animator.engines.sadtalker.fast.generator import FastGenerator

from .golden import arrays, network, picture, tensor

pytestmark = [pytest.mark.parity, pytest.mark.timeout(900)]

LARGEST, MEAN = 2e-3, 2e-5


@torch.inference_mode()
def test_picture() -> None:
    stored, generator = arrays("generator"), network("generator")
    features = generator.encode(picture("generator"))
    source, driving = tensor("generator", "kp_source"), tensor("generator", "kp_driving")
    crop, plain = torch.from_numpy(stored["prediction_crop"]), generator(features, source, driving)
    top = (plain.shape[2] - crop.shape[2]) // 2
    middle = slice(top, top + crop.shape[2])
    found = FastGenerator(generator)(features, source, driving)
    for expected, part in ((crop, found[:, :, middle, middle]), (plain, found)):
        difference = (part - expected).abs()
        assert difference.max() <= LARGEST
        assert difference.mean() <= MEAN
