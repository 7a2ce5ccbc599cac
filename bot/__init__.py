"""The service: settings, web application, calls and their pipelines."""
