"""Fixtures come from `ashop_core.testing`, the same that plugin authors get."""
