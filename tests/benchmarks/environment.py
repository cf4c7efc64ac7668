"""
What a measurement may see of the machine that it runs on.
"""

import logging
import os


def isolate() -> None:
    """
    See nothing of the developer's AWS set-up, use no proxy, and write no warnings.

    The processes that are started keep their bytecode.
    """
    for name in [*os.environ]:
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1",
    }
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    logging.getLogger("imagebuilder_dist").addHandler(logging.NullHandler())
