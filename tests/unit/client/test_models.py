"""`likeness models`, over stores in a folder of the test."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from likeness_client.cli import models as command
from likeness_client.cli.main import app
from likeness_client.doctor import software
from likeness_common.weights import Manifest, WeightFile, WeightStore, load
from likeness_common.weights.manifest import UrlSource
from tests.unit.weights.serving import Site, serving

pytestmark = pytest.mark.unit

FILES = {"needed.bin": b"needed" * 1000, "large.bin": b"large" * 200_000}


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Manifest]]:
    """Two models on a server here: one that every render needs, and one that nobody may sell."""
    monkeypatch.setenv("LIKENESS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("no_proxy", "*")
    with serving(Site(files=dict(FILES))) as site:
        common, files = load("sadtalker"), _files()
        source = UrlSource(site.base)
        manifests = {
            "basic": replace(
                common,
                name="basic",
                source=source,
                files=files[:1],
                commercial_use=True,
                required=True,
                needs_judgement=(),
            ),
            "heavy": replace(common, name="heavy", source=source, files=files),
        }
        for module in (command, software):
            monkeypatch.setattr(module, "names", lambda: tuple(manifests))
            monkeypatch.setattr(module, "load", manifests.__getitem__)
        monkeypatch.setattr(command, "required", lambda: ("basic",))
        yield manifests


def _files() -> tuple[WeightFile, ...]:
    return tuple(WeightFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in FILES.items())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["models", *arguments])


@pytest.mark.usefixtures("known")
def test_pull_without_a_name_gets_what_every_render_needs() -> None:
    done = run("pull")
    assert done.exit_code == 0, done.output
    assert "fetching basic: 1 file, 0.0 MB, from http://127.0.0.1" in done.stderr
    assert "needed.bin" in done.stdout
    assert "large.bin" not in done.stdout


@pytest.mark.usefixtures("known")
def test_pull_says_how_much_comes_and_what_to_mind() -> None:
    assert run("pull").exit_code == 0
    done = run("pull", "heavy")
    assert done.exit_code == 0, done.output
    assert "fetching heavy: 1 file, 1.0 MB" in done.stderr  # they share a file, which is here already
    assert "mind: Research and private use" in done.stderr
    assert "likeness models show heavy" in done.stderr
    assert [line.split() for line in done.stdout.splitlines()[1:]] == [
        ["heavy", "needed.bin", "present"],
        ["heavy", "large.bin", "present"],
    ]


@pytest.mark.usefixtures("known")
def test_list_shows_all_with_sizes_and_commands() -> None:
    run("pull")
    lines = [line.split("  ") for line in run("list").stdout.splitlines()]
    shown = [" ".join(filter(None, map(str.strip, line))) for line in lines]
    assert shown[1].startswith("basic yes 0.0 MB LicenseRef")
    assert shown[2].startswith("heavy no: likeness models pull heavy 1.0 MB LicenseRef")


def test_verify_without_a_name_looks_at_what_is_here(known: dict[str, Manifest], tmp_path: Path) -> None:
    missing = run("verify")
    assert missing.exit_code == 1
    assert "fix: likeness models pull basic\n" in missing.stderr
    run("pull")
    assert run("verify").exit_code == 0
    assert run("verify", "heavy").exit_code == 1
    run("pull", "heavy")
    large = known["heavy"].files[1]
    WeightStore(tmp_path).path(known["heavy"], large.name).write_bytes(bytes(large.size))
    damaged = run("verify")
    assert damaged.exit_code == 1
    assert "large.bin   damaged" in damaged.stdout
    assert "fix: likeness models pull heavy\n" in damaged.stderr
    assert run("pull", "heavy").exit_code == 0
    assert run("verify").exit_code == 0


def test_doctor_does_not_miss_what_is_not_needed(known: dict[str, Manifest], tmp_path: Path) -> None:
    store = WeightStore(tmp_path)
    assert software.weights(store, "basic").fix == "likeness models pull basic"
    optional = software.weights(store, "heavy")
    assert optional.ok
    assert optional.detail.endswith("likeness models pull heavy")
    run("pull", "heavy")
    assert software.weights(store, "heavy").detail == "2 files verified"
    large = known["heavy"].files[1]
    store.path(known["heavy"], large.name).write_bytes(bytes(large.size))
    assert software.weights(store, "heavy").fix == "likeness models pull heavy"


def test_show_says_what_a_person_has_to_decide() -> None:
    shown = run("show", "sadtalker-512").stdout
    assert "commercial use no" in shown
    assert "Basel Face Model" in shown
    assert "Wav2Lip" in shown
    assert "725066984 bytes, as far as can be expected" in shown
    assert "0e063f7ff5258240bdb0f7690783a7b1374e6a4a81ce8fa33456f4cd49694340" in shown
    assert "single public repository" in shown
    assert "size       155521183 bytes\n" in shown


def test_show_of_an_unknown_model_names_the_known_ones() -> None:
    done = run("show", "nose")
    assert done.exit_code != 0
    assert "choose from: face, sadtalker, sadtalker-512" in done.stderr
