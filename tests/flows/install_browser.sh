#!/bin/sh
# Installs the browser of tests/flows/test_browser.py: Debian's package `chromium`, by apt-get, which needs root.
# Does nothing where a browser is there already.
set -eu

for name in chromium chromium-browser google-chrome; do
    if path=$(command -v "$name"); then
        echo "install_browser: $path is there; nothing to do."
        exit 0
    fi
done

if [ "$(id -u)" -ne 0 ]; then
    echo "install_browser: no browser found; run this as root, or install the package chromium yourself." >&2
    exit 1
fi

echo "install_browser: installing the package chromium with apt-get."
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium
echo "install_browser: installed $(command -v chromium)."
