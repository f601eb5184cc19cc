"""How `likeness serve` sets the four services up."""

import os
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from likeness_animator.settings import Settings as AnimatorSettings
from likeness_client.cli import serve
from likeness_client.cli.main import app
from likeness_client.folder import FolderTaken, held
from likeness_client.paths import Home
from likeness_client.processes.ports import free_ports, is_free
from likeness_client.processes.services import Front, programs
from likeness_client.processes.supervisor import Supervisor
from likeness_client.telemetry import otlp_endpoints
from likeness_gateway.settings import Settings as GatewaySettings
from likeness_tts.settings import Settings as SpeechSettings
from tests.unit.client.terminal import likeness

pytestmark = pytest.mark.unit

HOME = Home(Path("/data"), Path("/weights"))


def test_services_read_the_settings_they_are_given(monkeypatch) -> None:
    services = programs(Front("0.0.0.0", 50051), [7001, 7002, 7003], HOME, ["collector:4317"], 12.0)  # noqa: S104
    for service in services:
        for name, value in service.env.items():
            monkeypatch.setenv(name, value)
    speech, animator, gateway = SpeechSettings(), AnimatorSettings(), GatewaySettings()
    assert gateway.listen == "0.0.0.0:50051"
    assert (gateway.tts_address, speech.listen) == ("127.0.0.1:7001", "127.0.0.1:7001")
    assert (gateway.animator_address, animator.listen) == ("127.0.0.1:7002", "127.0.0.1:7002")
    assert gateway.compositor_address == "127.0.0.1:7003"
    assert gateway.data_dir == HOME.data
    assert animator.weights_root == HOME.weights
    assert speech.otlp_endpoints == ["127.0.0.1:50051", "collector:4317"]
    assert gateway.otlp_endpoints == ["collector:4317"]
    assert {speech.parent_pid, animator.parent_pid, gateway.parent_pid} == {os.getpid()}
    assert gateway.grace_s == 12.0


def test_the_gateway_is_the_last_and_so_the_first_to_stop() -> None:
    names = [service.name for service in programs(Front("127.0.0.1", 1), [2, 3, 4], HOME, [], 1.0)]
    assert names == ["tts", "animator", "compositor", "gateway"]


@pytest.mark.parametrize(
    ("host", "listen", "address"),
    [
        ("127.0.0.1", "127.0.0.1:1", "127.0.0.1:1"),
        ("0.0.0.0", "0.0.0.0:1", "127.0.0.1:1"),  # noqa: S104
        ("::", "[::]:1", "[::1]:1"),
        ("likeness.example", "likeness.example:1", "likeness.example:1"),
    ],
)
def test_addresses(host: str, listen: str, address: str) -> None:
    assert (Front(host, 1).listen, Front(host, 1).address) == (listen, address)


def test_a_taken_port_is_refused_with_the_fix() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = CliRunner().invoke(app, ["serve", "--port", str(taken.getsockname()[1])])
    assert done.exit_code == 4
    assert done.stderr.endswith("choose another with --port\n")


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_blamed_on_the_host(host: str) -> None:
    (port,) = free_ports(1)
    done = CliRunner().invoke(app, ["serve", "--host", host, "--port", str(port)])
    assert done.exit_code == 4
    assert done.stderr.startswith(f"error: --host: {host} is no address of this machine; ")


def test_serve_says_by_its_status_that_it_had_to_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient(Supervisor):
        async def run(self, on_ready: object, start_timeout_s: float, grace_s: float) -> None:
            self.orderly = False

    monkeypatch.setattr(serve, "Supervisor", Impatient)
    monkeypatch.setenv("LIKENESS_HOME", str(tmp_path))
    (port,) = free_ports(1)
    assert CliRunner().invoke(app, ["serve", "--port", str(port)]).exit_code == 1


@pytest.mark.parametrize("command", [("serve", "--port"), ("voices",)], ids=["serve", "voices"])
async def test_a_wrong_setting_is_wrong_usage_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    variable = "LIKENESS_GATEWAY_MAX_CONCURRENT_RENDERS"
    port = [str(port) for port in free_ports(1) if command[-1] == "--port"]
    done = await likeness(*command, *port, env={"LIKENESS_HOME": str(tmp_path), variable: "foo"})
    assert done.code == 2
    (said,) = [line for line in done.stderr.splitlines() if variable in line]
    assert f"error: {variable}: 'foo' is not accepted: " in said
    assert "Traceback" not in done.stderr
    assert "pydantic" not in done.stderr


def test_a_data_folder_has_one_user(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("LIKENESS_HOME", str(tmp_path))
    (port,) = free_ports(1)
    with held(tmp_path / "data", "`likeness serve`; pass --gateway 127.0.0.1:50051"):
        with pytest.raises(FolderTaken), held(tmp_path / "data", "another"):
            pytest.fail("two held the folder")
        done = CliRunner().invoke(app, ["serve", "--port", str(port)])
        assert done.exit_code == 4
        assert "in use by `likeness serve`; pass --gateway 127.0.0.1:50051" in done.stderr
    with held(tmp_path / "data", "the next one"):
        assert (tmp_path / "data" / "lock").read_text() == "the next one"


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(3)
    assert len(set(ports)) == 3
    assert all(is_free("127.0.0.1", port) for port in ports)


@pytest.mark.parametrize(
    ("url", "endpoints"),
    [
        ("", []),
        ("http://otel:4317", ["otel:4317"]),
        ("http://otel:4317/v1/", ["otel:4317"]),
        ("otel:4317", ["otel:4317"]),
    ],
)
def test_collectors_come_from_opentelemetrys_own_variable(url: str, endpoints: list[str]) -> None:
    assert otlp_endpoints({"OTEL_EXPORTER_OTLP_ENDPOINT": url}) == endpoints
