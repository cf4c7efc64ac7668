"""
The service model's patterns, which pydantic and msgspec are told to check as our own models do.
"""

ACCOUNT_ID = r"^[0-9]{12}$"
AMI_NAME = r"^[-_A-Za-z0-9{][-_A-Za-z0-9\s:{}\.]+[-_A-Za-z0-9}]$"
LAUNCH_TEMPLATE_ID = r"^lt-[a-z0-9-_]{17}$"
LICENCE = r"^arn:aws[^:]*:license-manager:[^:]+:[0-9]{12}:license-configuration:lic-[a-z0-9-_]{32}$"
ORGANIZATION = r"^arn:aws[^:]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$"
ORGANIZATIONAL_UNIT = r"^arn:aws[^:]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}"
PARAMETER_NAME = r"^[a-zA-Z0-9_.\-\/]+$"
TAG_KEY = r"^(?!aws:)[a-zA-Z0-9\s_.:/=+\-@]*$"
