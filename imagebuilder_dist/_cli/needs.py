"""
`imagebuilder-dist needs`: what must exist or be allowed for a build to succeed.
"""

import argparse
import json
import re
from pathlib import Path

from imagebuilder_dist._cli.files import CommandError, Source
from imagebuilder_dist._cli.output import note, say
from imagebuilder_dist._shapes.needs import OWNER
from imagebuilder_dist.prerequisites import Policy, prerequisites


def needs(options: argparse.Namespace) -> int:
    """
    Print a checklist, or write policies to a folder.
    """
    document = Source(options.file, options).load()
    try:
        found = prerequisites(document.content, owner=options.owner)
    except ValueError as error:
        raise CommandError(str(error)) from None
    if options.policies is None:
        say(str(found))
        if found.owner == OWNER:
            note("use --owner to say which account owns the configuration")
        return 0
    folder = Path(options.policies)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for policy in found.policies():
            path = folder / _name_of(policy)
            path.write_text(json.dumps(policy.document, indent=2) + "\n", encoding="utf-8")
            say(str(path))
    except OSError as error:
        raise CommandError(f"{folder}: {error.strerror}") from None
    return 0


def _name_of(policy: Policy) -> str:
    parts = (policy.account_id, policy.region, policy.name, policy.kind)
    return "-".join(re.sub(r"[^\w.]+", "_", part) for part in parts if part) + ".json"
