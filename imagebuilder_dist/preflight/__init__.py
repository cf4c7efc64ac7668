"""
What exists of what a build needs: looks into every account and Region that a configuration names, and only reads.
"""

from imagebuilder_dist.preflight._preflight import PREFLIGHT_ACTIONS, preflight
from imagebuilder_dist.preflight._report import Finding, Report

__all__ = ["PREFLIGHT_ACTIONS", "Finding", "Report", "preflight"]
