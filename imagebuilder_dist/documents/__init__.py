"""
Distribution configurations in files: JSON, YAML and CloudFormation. Every issue has its file, line and column.

>>> document = loads('{"name": "web", "distributions": [{"region": "us-west-2", "ssmParameterConfigurations": '
...                  '[{"parameterName": "/ami/web"}]}]}')
>>> document.request.name
'web'
"""

from imagebuilder_dist.documents._cloudformation import to_cloudformation
from imagebuilder_dist.documents._files import Content, Document, Format, Request, check, dump, dumps, load, loads
from imagebuilder_dist.documents._forms import Form
from imagebuilder_dist.documents._picture import to_mermaid
from imagebuilder_dist.documents._plans import dumps_plan, is_plan, loads_plan
from imagebuilder_dist.documents._schema import json_schema
from imagebuilder_dist.errors import DocumentError, DocumentIssue

__all__ = [
    "Content",
    "Document",
    "DocumentError",
    "DocumentIssue",
    "Form",
    "Format",
    "Request",
    "check",
    "dump",
    "dumps",
    "dumps_plan",
    "is_plan",
    "json_schema",
    "load",
    "loads",
    "loads_plan",
    "to_cloudformation",
    "to_mermaid",
]
