#!/bin/sh
# usage: venv.sh FOLDER run|test|bench|lowest|newest
#
# Creates the virtual environment FOLDER if it does not exist, installs this project, and writes the
# stamp FOLDER/.installed-SET that the Makefile looks at. The versions are those of constraints.txt,
# except for lowest (the lower bounds of pyproject.toml) and newest (the newest versions).
# PYTHON chooses the interpreter.
set -eu

folder=$1
set_name=$2
# Requirements of the smoke tests besides the project.
smoke_tools="pytest pytest-timeout pytest-xdist hypothesis httpx playwright pyyaml packaging"

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Prints "Python 3.10.13", or nothing if the interpreter does not start.
version_of() {
    "$1" --version 2>&1 | grep '^Python [0-9]' || true
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" || {
            version=$(version_of "$PYTHON")
            echo "PYTHON=$PYTHON is ${version:-no Python that starts}." \
                "Backprop Explorer needs Python 3.11 or newer." >&2
            return 1
        }
        echo "$PYTHON"
        return
    fi
    for candidate in python3.13 python3.12 python3.11 python3.14 python3; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    version=$(version_of python3)
    echo "Backprop Explorer needs Python 3.11 or newer; python3 is ${version:-not there}." \
        "Install one, or say where it is: make PYTHON=/path/to/python3" >&2
    return 1
}

# Debian and Ubuntu keep ensurepip, which `python -m venv` needs, in a package of its own.
install_venv_module() {
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    hint="This Python has no venv module. Run: sudo apt-get install $package"
    command -v apt-get >/dev/null || { echo "This Python has no venv module; install it." >&2; return 1; }
    if [ "$(id -u)" = 0 ]; then
        sudo=
    elif sudo -n true 2>/dev/null; then
        sudo="sudo -n"
    else
        echo "$hint" >&2
        return 1
    fi
    echo "Installing $package (Debian keeps Python's venv module there)"
    { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null; } || {
        echo "$hint" >&2
        return 1
    }
}

pip() {
    # The build constraint is for the isolated environment in which pip builds this project.
    PIP_BUILD_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$folder/bin/python" -m pip install --quiet "$@"
}

# The versions of constraints.txt. The extra "fast" comes second: llvmlite has no wheel for musl,
# which no marker can express, and building it requires LLVM.
install_constrained() {
    pip --constraint constraints.txt --editable "$1"
    pip --constraint constraints.txt --only-binary llvmlite --editable ".[fast]" 2>/dev/null ||
        echo "llvmlite has no wheel for this machine: training is slower, with the same numbers."
}

# The lowest versions that pyproject.toml allows, of what it names itself. Their own dependencies
# and the tools are as new as that permits.
install_lowest() {
    pip uv
    "$folder/bin/uv" pip compile --quiet --python "$folder/bin/python" \
        --resolution lowest-direct --extra fast --extra redis \
        --output-file "$folder/lowest.txt" pyproject.toml
    # shellcheck disable=SC2086  # a list of words
    "$folder/bin/uv" pip install --quiet --python "$folder/bin/python" \
        --constraint "$folder/lowest.txt" --editable ".[fast,redis]" $smoke_tools
}

install_newest() {
    # shellcheck disable=SC2086  # a list of words
    pip --upgrade --upgrade-strategy eager --editable ".[fast,redis]" $smoke_tools
}

# If pip does not start, the environment is incomplete or its interpreter was removed.
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1 || ! is_new_enough "$folder/bin/python"
then
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv_module "$python"
    echo "Making $folder with $("$python" --version)"
    "$python" -m venv --clear "$folder"
fi

echo "Installing Backprop Explorer in $folder (the first time takes a minute)"
case $set_name in
    run) install_constrained . ;;
    lowest) install_lowest ;;
    newest) install_newest ;;
    *) install_constrained ".[$set_name]" ;;
esac
# Compresses plotly.js and subsets the font, so that the first page need not wait. If it fails,
# the server does the same at its start.
"$folder/bin/python" -m backprop_explorer.web.assets || true
touch "$folder/.installed-$set_name"
