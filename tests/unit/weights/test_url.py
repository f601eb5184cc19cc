"""Weights from plain addresses, over a server that misbehaves."""

import hashlib
import os
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import pytest

from likeness_common.errors import FailedPrecondition, Reason, Unavailable
from likeness_common.weights import FileState, Manifest, Progress, WeightFile, WeightStore, load, url, web
from likeness_common.weights.manifest import UrlSource
from tests.unit.weights.serving import Site, serving

pytestmark = pytest.mark.unit

FILES = {"big.bin": os.urandom(700_000), "small file.bin": b"small" * 100}
BIG = "big.bin"
HALF = 300_000


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(url, "_pause", lambda seconds: None)


@pytest.fixture
def site() -> Iterator[Site]:
    files = {name.replace(" ", "%20"): data for name, data in FILES.items()}
    with serving(Site(files=files)) as served:
        yield served


@pytest.fixture
def manifest(site: Site) -> Manifest:
    files = tuple(WeightFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in FILES.items())
    return replace(load("face"), name="tiny", source=UrlSource(site.base), files=files)


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    return WeightStore(tmp_path)


def changed(manifest: Manifest, **changes: object) -> Manifest:
    """The same manifest with another first file."""
    first, *others = manifest.files
    return replace(manifest, files=(replace(first, **changes), *others))  # type: ignore[arg-type]  # names of fields


def kept(root: Path) -> list[int]:
    """Sizes of all files in the store."""
    return sorted(path.stat().st_size for path in root.rglob("*") if path.is_file())


def assert_whole(store: WeightStore, manifest: Manifest, root: Path) -> None:
    assert {stored.state for stored in store.verify(manifest)} == {FileState.PRESENT}
    assert store.path(manifest, BIG).read_bytes() == FILES[BIG]
    assert kept(root) == sorted(map(len, FILES.values()))


def test_files_arrive_under_their_hash_and_progress_counts_all(
    store: WeightStore, manifest: Manifest, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    store.pull(manifest, seen.append)
    assert_whole(store, manifest, tmp_path)
    assert seen[0].done == 0
    assert seen[-1] == Progress(manifest.size, manifest.size)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)


def test_a_cut_connection_is_resumed_at_once(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.cuts = [HALF, 100_000]
    store.pull(manifest)
    assert_whole(store, manifest, tmp_path)
    assert site.asked == ["", f"bytes={HALF}-", f"bytes={HALF + 100_000}-", ""]


def test_a_pull_that_was_given_up_goes_on_where_it_stopped(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.cuts = [HALF, *[0] * url.FRUITLESS_ATTEMPTS]
    with pytest.raises(Unavailable, match=r"0\.3 of 0\.7 MB are here and kept.*goes on from there") as raised:
        store.pull(manifest)
    assert raised.value.reason is Reason.SERVICE_UNREACHABLE
    assert "cut after 300000 of 700000 bytes" in raised.value.message
    assert kept(tmp_path) == [HALF]
    assert {stored.state for stored in store.state(manifest)} == {FileState.MISSING}
    seen: list[Progress] = []
    store.pull(manifest, seen.append)
    assert seen[0].done == HALF
    assert site.asked[-2:] == [f"bytes={HALF}-", ""]
    assert_whole(store, manifest, tmp_path)


def test_an_interrupted_pull_keeps_what_has_arrived(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pull(manifest, interrupt)
    (size,) = kept(tmp_path)
    store.pull(manifest)
    assert site.asked[1] == f"bytes={size}-"
    assert_whole(store, manifest, tmp_path)


def test_a_server_without_ranges_sends_all_again(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.ranges, site.cuts = False, [HALF]
    store.pull(manifest)
    assert_whole(store, manifest, tmp_path)


def test_a_server_that_does_not_say_how_long_a_file_is(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.says_length, site.cuts = False, [HALF]
    store.pull(manifest)
    assert_whole(store, manifest, tmp_path)


def test_a_part_that_was_not_asked_for_is_not_taken(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.shift, site.cuts = 10, [HALF]
    with pytest.raises(Unavailable, match="another part than the one from byte 300000 on"):
        store.pull(manifest)
    assert kept(tmp_path) == [HALF]
    site.shift = 0
    store.pull(manifest)
    assert_whole(store, manifest, tmp_path)


def test_a_part_that_is_larger_than_the_file_is_dropped(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    part = tmp_path / "weights" / "partial" / manifest.files[0].sha256
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * (len(FILES[BIG]) + 1))
    store.pull(manifest)
    assert site.asked == ["", ""]
    assert_whole(store, manifest, tmp_path)


def test_a_wrong_hash_keeps_nothing_of_that_file(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.files[BIG] = bytes(len(FILES[BIG]))
    with pytest.raises(Unavailable, match=r"big\.bin of 'tiny' arrived with SHA-256 .* Nothing of it was kept"):
        store.pull(manifest)
    assert kept(tmp_path) == []


def test_files_that_were_whole_stay_when_a_later_one_fails(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.files["small%20file.bin"] = bytes(len(FILES["small file.bin"]))
    with pytest.raises(Unavailable, match="SHA-256"):
        store.pull(manifest)
    assert kept(tmp_path) == [len(FILES[BIG])]


@pytest.mark.parametrize("size", [10, 700_001])
@pytest.mark.parametrize("says_length", [True, False])
def test_a_file_of_another_size_is_refused(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path, size: int, says_length: bool
) -> None:
    site.files[BIG], site.says_length = bytes(size), says_length
    with pytest.raises(Unavailable):
        store.pull(manifest)
    assert sum(kept(tmp_path)) <= 10  # a short file whose length nobody states looks like a cut connection


@pytest.mark.parametrize("expected", [400_000, 1_300_000])
def test_a_size_that_is_only_expected_may_be_wrong(
    store: WeightStore, manifest: Manifest, tmp_path: Path, expected: int
) -> None:
    unsure = changed(manifest, size=expected, size_known=False)
    store.pull(unsure)
    assert_whole(store, unsure, tmp_path)


def test_even_an_unknown_size_has_a_bound(store: WeightStore, manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"holds 700000 bytes, expected 200000.*Nothing was kept"):
        store.pull(changed(manifest, size=200_000, size_known=False))
    assert kept(tmp_path) == []


def test_a_part_that_the_server_cannot_continue_comes_again(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    unsure = changed(manifest, size_known=False)
    part = tmp_path / "weights" / "partial" / manifest.files[0].sha256
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[BIG])
    store.pull(unsure)
    assert site.asked == ["bytes=700000-", "", ""]
    assert_whole(store, unsure, tmp_path)


def test_a_missing_file_is_said_at_once(store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path) -> None:
    del site.files[BIG]
    with pytest.raises(Unavailable, match=r"big\.bin answered 404 Not Found.*get a newer Likeness"):
        store.pull(manifest)
    assert len(site.asked) == 1
    assert kept(tmp_path) == []


def test_a_busy_server_is_asked_again(store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path) -> None:
    site.statuses = [503, 429]
    store.pull(manifest)
    assert_whole(store, manifest, tmp_path)
    site.statuses = [503] * url.FRUITLESS_ATTEMPTS
    with pytest.raises(Unavailable, match="the server answered 503"):
        WeightStore(tmp_path / "other").pull(manifest)


def test_a_server_that_falls_silent_is_given_up(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(url, "SILENCE_S", 0.2)
    end = threading.Event()
    site.before_body = end.wait
    try:
        with pytest.raises(Unavailable, match="nothing came for a long time"):
            store.pull(manifest)
    finally:
        end.set()


def test_redirects_are_followed_and_ranges_with_them(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    site.files["elsewhere"] = site.files.pop(BIG)
    site.redirects[BIG] = f"{site.base}elsewhere"
    site.cuts = [HALF]
    store.pull(manifest)
    assert site.asked[:4] == ["", "", f"bytes={HALF}-", f"bytes={HALF}-"]
    assert_whole(store, manifest, tmp_path)


@pytest.mark.parametrize("target", ["http://models.example/big.bin", "ftp://models.example/big.bin"])
def test_redirects_away_from_tls_are_refused(store: WeightStore, manifest: Manifest, site: Site, target: str) -> None:
    site.redirects[BIG] = target
    with pytest.raises(FailedPrecondition, match=r"models\.example is not https"):
        store.pull(manifest)


@pytest.mark.parametrize("base", ["http://models.example/", "file:///etc/", "ftp://models.example/"])
def test_only_https_is_asked(store: WeightStore, manifest: Manifest, base: str) -> None:
    with pytest.raises(FailedPrecondition, match="is not https"):
        store.pull(replace(manifest, source=UrlSource(base)))


def test_a_file_may_have_an_address_of_its_own(store: WeightStore, manifest: Manifest, site: Site) -> None:
    site.files["v2/other.bin"] = site.files.pop(BIG)
    store.pull(changed(manifest, url="v2/other.bin"))
    source = UrlSource("https://models.example/v1/")
    assert source.url_of(replace(manifest.files[1])) == "https://models.example/v1/small%20file.bin"
    assert source.url_of(replace(manifest.files[0], url="https://other.example/x")) == "https://other.example/x"


def test_the_proxy_of_the_environment_is_used(
    store: WeightStore, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(Unavailable, match=r"Connection refused.*HTTPS_PROXY"):
        store.pull(manifest)


def test_no_network_is_explained(store: WeightStore, manifest: Manifest) -> None:
    with pytest.raises(Unavailable, match=r"Connection refused.*Check the network") as raised:
        store.pull(replace(manifest, source=UrlSource("http://127.0.0.1:9/")))
    assert raised.value.reason is Reason.SERVICE_UNREACHABLE


def test_a_certificate_that_is_not_trusted_is_explained(
    store: WeightStore, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Distrusting:
        def open(self, *_: object, **__: object) -> None:
            error = ssl.SSLCertVerificationError(1, "certificate verify failed")
            error.verify_message = "self-signed certificate"
            raise URLError(error)

    monkeypatch.setattr(web, "_opener", Distrusting)
    with pytest.raises(FailedPrecondition, match=r"self-signed certificate.*SSL_CERT_FILE"):
        store.pull(manifest)


def test_too_little_room_is_said_before_anything_is_fetched(
    store: WeightStore, manifest: Manifest, site: Site, tmp_path: Path
) -> None:
    with pytest.raises(FailedPrecondition, match=r"MB are still to come and .* MB are free"):
        store.pull(changed(manifest, size=1 << 60))
    assert site.asked == []
    assert kept(tmp_path) == []


def test_a_disk_that_fills_up_is_explained(
    store: WeightStore, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> Iterator[bytes]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(web.Body, "chunks", full)
    with pytest.raises(FailedPrecondition, match=r"No space left on device\. Free space there"):
        store.pull(manifest)


def test_two_pulls_at_once_fetch_each_file_once(manifest: Manifest, site: Site, tmp_path: Path) -> None:
    def pull() -> None:
        WeightStore(tmp_path).pull(manifest)

    threads = [threading.Thread(target=pull) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.asked) == len(FILES)
    assert_whole(WeightStore(tmp_path), manifest, tmp_path)
