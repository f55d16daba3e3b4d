# docker build -t backprop-explorer .
# docker run --rm -p 127.0.0.1:8000:8000 backprop-explorer      (compose.yaml has the hardened form)

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/venv
COPY constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt build
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY app app
COPY static static
COPY templates templates
RUN PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
        python -m build --wheel --outdir /dist \
    && wheel="$(echo /dist/*.whl)" \
    && /opt/venv/bin/pip install --no-cache-dir --constraint constraints.txt "${wheel}[redis]"
# What takes seconds to compress is made here, once, instead of at each start.
WORKDIR /
RUN XDG_CACHE_HOME=/opt/cache /opt/venv/bin/python -m app.assets \
    && chmod -R a+rX /opt/cache

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin explorer \
    && install --directory --owner=explorer --group=explorer /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/cache /opt/cache
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/opt/cache \
    XDG_DATA_HOME=/data \
    EXPLORER_HOST=0.0.0.0
WORKDIR /data
USER 10001
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["backprop-explorer"]
