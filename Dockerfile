# syntax=docker/dockerfile:1

FROM node:22-slim AS console
WORKDIR /src/console
COPY console/package.json console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY console/ ./
RUN npm run build

FROM python:3.12-slim AS packages
WORKDIR /src
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir uv
COPY requirements.lock ./
# The lock also pins what only tests need; it is one list, so that what is tested is what runs.
RUN /venv/bin/uv pip sync --python /venv/bin/python --require-hashes --no-cache requirements.lock

FROM python:3.12-slim
RUN useradd --system --create-home --uid 10001 switchboard \
    && install -d -o switchboard /app /app/data
WORKDIR /app
COPY --from=packages /venv /venv
COPY pyproject.toml ./
COPY agents/ agents/
COPY mcp_servers/ mcp_servers/
COPY processors/ processors/
COPY emulators/ emulators/
COPY bot/ bot/
COPY --from=console /src/console/dist/ console/dist/
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=7860
USER switchboard
EXPOSE 7860
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health\", timeout=2)"]
# The calls get 8 s for a goodbye after SIGTERM, and docker stop waits for 10; with
# DRAIN_TIMEOUT_S it has to wait for longer: docs/operations.md.
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot.run"]
