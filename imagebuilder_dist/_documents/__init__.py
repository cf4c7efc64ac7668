"""
Reading and writing files: syntaxes with positions, CloudFormation's spelling, and a JSON Schema.
"""
