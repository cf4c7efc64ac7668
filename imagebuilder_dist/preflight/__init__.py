"""
What exists of what a build needs: looks into every account and Region that a configuration names, and only reads.

`docs/preflight.md` shows how.
"""

from imagebuilder_dist.preflight._preflight import AUDIT_ACTIONS, preflight
from imagebuilder_dist.preflight._report import Finding, Report

__all__ = ["AUDIT_ACTIONS", "Finding", "Report", "preflight"]
