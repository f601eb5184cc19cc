"""The rewritten frame graph at full size, against the reference implementation."""

import pytest
import torch

from likeness_animator.engines.sadtalker.fast.generator import FastGenerator

from .golden import network, picture, tensor
from .pictures import assert_prediction

pytestmark = [pytest.mark.parity, pytest.mark.timeout(900)]


@torch.inference_mode()
def test_picture() -> None:
    generator = network("generator")
    features = generator.encode(picture("generator"))
    source, driving = tensor("generator", "kp_source"), tensor("generator", "kp_driving")
    assert_prediction(FastGenerator(generator)(features, source, driving).numpy())
