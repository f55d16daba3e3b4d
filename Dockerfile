# docker build -t backprop-explorer .
# docker run --rm -p 127.0.0.1:8000:8000 -v experiments:/data backprop-explorer
# compose.yaml has the hardened form.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
# The build tools stay in this stage; the program's environment has no pip.
RUN python -m venv /opt/tools && python -m venv --without-pip /opt/venv
ENV PATH=/opt/tools/bin:$PATH
COPY constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt build
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY app app
COPY static static
COPY templates templates
RUN PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
        python -m build --wheel --outdir /dist \
    && wheel="$(echo /dist/*.whl)" \
    && pip --python /opt/venv/bin/python install --no-cache-dir --constraint constraints.txt \
        "${wheel}[fast,redis]"
COPY deploy/slim.py ./
RUN /opt/venv/bin/python slim.py /opt/venv
# Compress the page's scripts here, because it takes seconds at each start.
WORKDIR /
RUN XDG_CACHE_HOME=/opt/cache PYTHONDONTWRITEBYTECODE=1 /opt/venv/bin/python -m backprop_explorer.web.assets \
    && chmod -R a+rX /opt/cache

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin explorer \
    && install --directory --owner=explorer --group=explorer /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/cache /opt/cache
COPY deploy/healthcheck.py /opt/healthcheck.py
# The container is read-only, so Python cannot store bytecode later: compile it here.
RUN python -c "import sysconfig as s; print(s.get_path('stdlib'))" > /tmp/stdlib \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
        -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|site-packages|dist-packages)/' \
        "$(cat /tmp/stdlib)" \
    && rm /tmp/stdlib
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/opt/cache \
    XDG_DATA_HOME=/data \
    EXPLORER_HOST=0.0.0.0
WORKDIR /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-interval=1s --start-period=30s --retries=3 \
    CMD ["python", "-I", "-S", "/opt/healthcheck.py"]
CMD ["backprop-explorer"]
