"""Finds out whether this machine can render."""

from likeness_client.doctor.check import Finding, problem, well
from likeness_client.doctor.machine import machine_findings
from likeness_client.doctor.software import software_findings

__all__ = ["Finding", "machine_findings", "problem", "software_findings", "well"]
