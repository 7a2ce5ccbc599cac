"""What all tests share."""

import os

from hypothesis import settings

# CI judges a change, so it tries the same examples for the same code; people's runs explore.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
