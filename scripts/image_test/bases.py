"""The base images: pulled, or built from Debian under the same names.

The official images differ: they have Alpine's libc in nginx and Redis, Python in
/usr/local and sometimes other versions. The names are those of Dockerfile and
compose.yaml.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from engine import INSTALL, Engine, Failure

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PULL_SECONDS = 120

# Debian keeps Python in /usr; like the official image this one has no compiled modules.
PYTHON = """
FROM debian-for-image-test:trixie
COPY ca-certificates.crt /etc/ssl/certs/
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && find /usr -name __pycache__ -prune -exec rm -rf {} + \
    && ln -s /usr/bin/python3 /usr/local/bin/python
CMD ["python3"]
"""
# Like the official image, accept other containers without a password.
REDIS = """
FROM debian-for-image-test:trixie
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends redis-server >/dev/null \
    && rm -rf /var/lib/apt/lists/* && install -d -o 999 -g 1000 /data
WORKDIR /data
VOLUME /data
ENTRYPOINT ["sh", "-c", "exec \\"$0\\" \\"$@\\" --protected-mode no"]
CMD ["redis-server"]
"""
# The signed package lists may be weeks old, so only their date is not checked.
# The first Debian whose nginx has "server … resolve" (1.27.3) is forky.
NGINX = """
FROM debian-for-image-test:forky
RUN apt-get update -qq -o Acquire::Check-Valid-Until=false \
    && apt-get install -y -qq --no-install-recommends nginx >/dev/null \
    && rm -rf /var/lib/apt/lists/*
CMD ["nginx", "-g", "daemon off;"]
"""
STAND_INS = {
    "python:3.13-slim": ("trixie", PYTHON),
    "nginx:1.28-alpine": ("forky", NGINX),
    "redis:8-alpine": ("trixie", REDIS),
}


def provide(engine: Engine, *, private: bool) -> None:
    """Pull or build all base images.

    Images are built only in a private daemon: in another one they would hide the real images.
    """
    for name, (release, recipe) in STAND_INS.items():
        if engine.has_image(name):
            print(f"base image {name}: is there", flush=True)
            continue
        if _pulled(engine, name):
            print(f"base image {name}: pulled", flush=True)
            continue
        if not private:
            raise Failure(
                f"{name} cannot be pulled. Without an image registry it can be made from Debian, "
                'in a Docker daemon of its own: sudo make image-test ARGS="--private"'
            )
        base = f"debian-for-image-test:{release}"
        if not engine.has_image(base):
            _bootstrap(engine, release, base)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Dockerfile").write_text(recipe)
            shutil.copy(CERTIFICATES, folder)
            engine.run("build", "--network", "host", "--tag", name, folder)
        print(f"base image {name}: made from Debian {release}", flush=True)


def _pulled(engine: Engine, name: str) -> bool:
    try:
        return not engine.run("pull", name, check=False, timeout=PULL_SECONDS).returncode
    except subprocess.TimeoutExpired:
        return False


def _bootstrap(engine: Engine, release: str, name: str) -> None:
    if shutil.which("debootstrap") is None:
        raise Failure(f"Base images cannot be pulled, and debootstrap is missing. Run: {INSTALL}")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        words = ["debootstrap", "--variant=minbase", "--include=ca-certificates", release]
        done = subprocess.run(
            [*words, folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failure(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}")
        packed = subprocess.Popen(
            ["tar", "--directory", folder, "--exclude=./var/cache/apt/archives/*.deb", "-c", "."],
            stdout=subprocess.PIPE,
        )
        engine.run("import", "-", name, stdin=packed.stdout)
        if packed.wait():
            raise Failure("tar failed")
