"""The operator, and what stands around it in a decoder, on volumes that processes share: torch's DTensor.

Its modules are imported where they are used: torch's DTensor takes over a second to import.
"""
