import re
from pathlib import PurePosixPath

import pytest

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.weights import load, names, required
from likeness_common.weights.manifest import UrlSource, parse

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", names())
def test_every_manifest_is_complete(name: str) -> None:
    manifest = load(name)
    assert manifest.name == name
    assert manifest.licence
    assert manifest.permitted_use
    assert manifest.files
    for file in manifest.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size > 0
        assert PurePosixPath(file.name).name == file.name
    assert manifest.size == sum(file.size for file in manifest.files)


def test_face_is_the_first_model_and_free_for_commercial_use() -> None:
    face = load("face")
    assert face.licence == "Apache-2.0"
    assert face.commercial_use
    assert {file.name for file in face.files} == {
        "face_detection_short_range.tflite",
        "face_landmark.tflite",
        "iris_landmark.tflite",
        "selfie_segmentation.tflite",
    }


def test_face_alone_is_needed_by_every_render() -> None:
    assert required() == ("face",)


@pytest.mark.parametrize(("name", "renderer", "known"), [("sadtalker", "256", True), ("sadtalker-512", "512", False)])
def test_sadtalker_waits_for_a_persons_judgement(name: str, renderer: str, known: bool) -> None:
    manifest = load(name)
    assert not manifest.commercial_use
    assert len(manifest.needs_judgement) == 4
    assert isinstance(manifest.source, UrlSource)
    first, *mappings = manifest.files
    assert manifest.source.url_of(first) == (
        f"https://github.com/OpenTalker/SadTalker/releases/download/v0.0.2-rc/SadTalker_V0.0.2_{renderer}.safetensors"
    )
    assert (first.size, first.size_known) == (725_066_984, known)
    assert [mapping.size for mapping in mappings] == [155_521_183, 155_779_231]
    assert all(file.provenance for file in manifest.files)


def test_only_cleared_models_say_so_without_questions() -> None:
    for manifest in map(load, names()):
        assert manifest.commercial_use != bool(manifest.needs_judgement)


def test_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(InvalidArgument, match="face") as raised:
        load("nose")
    assert raised.value.reason is Reason.FIELD_INVALID


def test_surplus_entries_are_refused() -> None:
    with pytest.raises(TypeError):
        parse('colour = "red"\n[source]\nkind = "wheel"\n[[files]]\nname = "a"\nsize = 1\nsha256 = "0"\n')
