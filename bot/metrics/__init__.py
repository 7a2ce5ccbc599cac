"""Figures about the service for Prometheus, and warnings when one is past its threshold."""
