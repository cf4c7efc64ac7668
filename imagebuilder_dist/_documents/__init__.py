"""
What reading and writing files takes: syntaxes with positions, CloudFormation's spelling, and a JSON Schema.
"""
