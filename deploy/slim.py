"""Delete unused files from the image's Python environment: python slim.py FOLDER

Deletes the packages' tests, and plotly, which only notebooks use.
"""

import shutil
import sys
from pathlib import Path

# (package, the only paths in it that are kept)
PARTS: dict[str, tuple[str, ...]] = {"plotly": ()}


def keep_only(package: Path, kept: tuple[str, ...]) -> None:
    """Delete all files of ``package`` but ``kept``."""
    wanted = {package / name for name in kept}
    missing = [str(path) for path in wanted if not path.is_file()]
    if missing:
        raise SystemExit(f"not there any more: {', '.join(missing)}")
    for path in package.rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
    # Deepest folders first; a folder with a kept file is not empty and stays.
    for folder in sorted((p for p in package.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def main() -> None:
    """Delete the files and print the saved size."""
    (site_packages,) = Path(sys.argv[1]).glob("lib/python3*/site-packages")
    before = _megabytes(site_packages)
    for folder in [p for p in site_packages.rglob("tests") if p.is_dir()]:
        # Only below a package: a top-level package may itself be called "tests".
        if folder.parent != site_packages and folder.exists():
            shutil.rmtree(folder)
    for name, kept in PARTS.items():
        keep_only(site_packages / name, kept)
    print(f"{site_packages}: {before} MB, now {_megabytes(site_packages)} MB")


def _megabytes(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) // 1_000_000


if __name__ == "__main__":
    main()
