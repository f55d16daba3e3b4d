#!/bin/sh
# usage: venv.sh FOLDER run|test|bench
#
# Makes the virtual environment FOLDER if there is none, installs this project in it with the versions
# of constraints.txt, and leaves the stamp FOLDER/.installed-SET that the Makefile looks at.
# PYTHON chooses the interpreter.
set -eu

folder=$1
set_name=$2

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" || {
            echo "PYTHON=$PYTHON is not a Python 3.11 or newer." >&2
            return 1
        }
        echo "$PYTHON"
        return
    fi
    for candidate in python3.13 python3.12 python3.11 python3; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "No Python 3.11 or newer was found. Install one, or say where: make PYTHON=/path/to/python3" >&2
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

# A folder whose pip does not start is half made, or was made by an interpreter that has gone.
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv_module "$python"
    echo "Making $folder with $("$python" --version)"
    "$python" -m venv --clear "$folder"
fi

case $set_name in
    run) target=. ;;
    *) target=".[$set_name]" ;;
esac
echo "Installing Backprop Explorer in $folder (the first time takes a minute)"
# The build constraint is for the isolated environment in which pip builds this project.
PIP_BUILD_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "$folder/bin/python" -m pip install --quiet --constraint constraints.txt --editable "$target"
# Compresses plotly.js and cuts the font, so that the first page needs not wait for it. If it fails
# the server does the same when it is started.
"$folder/bin/python" -m app.assets || true
touch "$folder/.installed-$set_name"
