"""
Checks whether what a build needs exists, in every account and Region that a configuration names, and only reads.

    report = preflight(configuration, sessions="AuditRole", owner="123456789012")
    print(report)
"""

from imagebuilder_dist.preflight._preflight import AUDIT_ACTIONS, preflight
from imagebuilder_dist.preflight._report import Finding, Report

__all__ = ["AUDIT_ACTIONS", "Finding", "Report", "preflight"]
