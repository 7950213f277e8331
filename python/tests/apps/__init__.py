"""The same small site in each framework, to compare servers by; see test_conformance.py."""
