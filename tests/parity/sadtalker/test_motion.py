"""The networks from speech and photo to motion, against the reference implementation."""

import numpy as np
import pytest
import torch

from likeness_animator.engines.sadtalker.networks.pose import FRAMES

from .golden import arrays, assert_close, network, outputs, parts, picture, tensor

pytestmark = pytest.mark.parity


@torch.inference_mode()
def test_expression_from_speech() -> None:
    mel, reference, blink = (tensor("audio2exp", key)[0] for key in ("indiv_mels", "ref", "ratio_gt"))
    expression = network("audio2exp")
    # Embeddings are hundreds in size, of which the tolerance of the results is less than a rounding.
    stored = arrays("audio2exp")["audio_embedding"]
    np.testing.assert_allclose(expression.audio_encoder(mel).flatten(1), stored, rtol=1e-5, atol=2e-4)
    assert_close(expression(mel, reference[:, :64], blink)[None], "exp_coeff_pred", "audio2exp")


@torch.inference_mode()
def test_pose_from_speech() -> None:
    stored = arrays("audio2pose")
    pose = network("audio2pose")
    mel = tensor("audio2pose", "indiv_mels")[0, 1 : FRAMES + 1]
    embedding = pose.audio_encoder(mel).flatten(1)
    np.testing.assert_allclose(embedding, stored["chunk0_audio_emb"][0], rtol=1e-5, atol=2e-4)
    style, reference = tensor("audio2pose", "class_id")[None], tensor("audio2pose", "ref")[0, :, 64:70]
    with outputs(pose.decoder, "MLP", "resunet") as stages:
        found = pose.decoder(pose.hear(mel)[None], reference, tensor("audio2pose", "z")[0], style)
    assert_close(stages["MLP"], "chunk0_mlp", "audio2pose")
    assert_close(stages["resunet"], "chunk0_unet", "audio2pose")
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
    detector = network("kp_detector")
    with outputs(detector, "predictor.down_blocks", "predictor", "kp") as stages:
        found = detector(picture("kp_detector"))
    scale = float(stages["kp"].abs().max())
    assert_close(stages["predictor.down_blocks"], "encoded", "kp_detector", 1e-4 * scale)
    assert_close(stages["predictor"][:, :, ::4, ::8, ::8], "feat_s", "kp_detector", 1e-4 * scale)
    assert_close(stages["kp"][:, :, ::4, ::4, ::4], "logits_s", "kp_detector", 1e-4 * scale)
    assert_close(found, "value", "kp_detector")
