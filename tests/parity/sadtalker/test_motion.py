"""The networks from speech and photo to motion, against the reference implementation."""

import numpy as np
import pytest
import torch

from likeness_animator.engines.sadtalker.networks.pose import FRAMES

from .golden import arrays, assert_close, network, parts, picture, tensor

pytestmark = pytest.mark.parity


@torch.inference_mode()
def test_expression_from_speech() -> None:
    mel, reference, blink = (tensor("audio2exp", key)[0] for key in ("indiv_mels", "ref", "ratio_gt"))
    found = network("audio2exp")(mel, reference[:, :64], blink)
    assert_close(found[None], "exp_coeff_pred", "audio2exp")


@torch.inference_mode()
def test_pose_from_speech() -> None:
    stored = arrays("audio2pose")
    pose = network("audio2pose")
    mel = tensor("audio2pose", "indiv_mels")[0, 1 : FRAMES + 1]
    embedding = pose.audio_encoder(mel).flatten(1)
    np.testing.assert_allclose(embedding, stored["chunk0_audio_emb"][0], rtol=1e-5, atol=2e-4)
    style = tensor("audio2pose", "class_id")[None]
    found = pose.decoder(
        pose.hear(mel)[None], tensor("audio2pose", "ref")[0, :, 64:70], tensor("audio2pose", "z")[0], style
    )
    np.testing.assert_allclose(found[0], stored["pose_motion_pred"][0, 1 : FRAMES + 1], rtol=0, atol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize("case", ["mapping", "mapping_full"])
def test_head_motion_from_coefficients(case: str) -> None:
    for key, value in parts(network(case)(tensor(case, "input"))).items():
        assert_close(value, key, case)


@torch.inference_mode()
def test_coefficients_from_a_photo() -> None:
    found = network("face_3drecon")(picture("face_3drecon", "image_u8"))
    assert_close(found, "coeff", "face_3drecon")


@torch.inference_mode()
def test_keypoints_from_a_photo() -> None:
    found = network("kp_detector")(picture("kp_detector"))
    assert_close(found, "value", "kp_detector")
