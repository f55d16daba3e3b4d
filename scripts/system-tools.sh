#!/bin/sh
# Makes sure that the programs that the tests need are installed: browsers and a Redis server.
# Installs missing ones if that needs no password, else prints the command and fails: a test
# that is skipped proves nothing. Of Chromium it installs the build without windows where there is
# one, with which the tests take an eighth less processor time.
set -eu

have_any() {
    for name in "$@"; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

missing=
if [ -z "${EXPLORER_CHROMIUM:-}" ]; then
    have_any chromium chromium-browser google-chrome google-chrome-stable chromium-headless-shell ||
        missing="chromium"
fi
have_any redis-server || missing="$missing redis-server"
have_any firefox-esr firefox || missing="$missing firefox-esr"
# WebKitGTK needs a display; there is none for other systems.
if [ "$(uname)" = Linux ]; then
    have_any WebKitWebDriver || missing="$missing webkit2gtk-driver"
    have_any Xvfb || missing="$missing xvfb"
fi
[ -n "$missing" ] || exit 0

hint="The tests need: sudo apt-get install $missing"
if ! have_any apt-get; then
    echo "The tests need these programs on the PATH: $missing" >&2
    exit 1
elif [ "$(id -u)" = 0 ]; then
    sudo=
elif sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    echo "$hint" >&2
    exit 1
fi

echo "Installing for the tests: $missing"
# shellcheck disable=SC2086  # a list of words
{
    $sudo apt-get update -qq
    if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
        case $missing in chromium*) missing="chromium-headless-shell${missing#chromium}" ;; esac
    fi
    $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
} || {
    echo "$hint" >&2
    exit 1
}
