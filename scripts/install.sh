#!/bin/bash
# Install what is missing. `install.sh run`: the server. `install.sh test`: what the tests need as well.
# `install.sh bench`: the tools that the benchmarks compare with as well. Quick when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:?usage: install.sh run, test or bench}

exec 9<"$0"
flock 9 # two starts at once wait for each other

say() { echo "orthanc-deid: $*" >&2; }
fail() { say "$*"; exit 1; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "must be root, or have sudo, to run: $*"
  fi
}

# Debian's orthanc package starts a service of its own, on the default ports. If this script installs the package, it
# neither starts nor enables that service; a service that was there before is left unchanged.
hold_services() {
  policy=/usr/sbin/policy-rc.d
  [ -e $policy ] && return
  printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
  as_root chmod 755 $policy
  trap 'as_root rm -f $policy' EXIT
}

disable_service() {
  if [ -d /run/systemd/system ]; then as_root systemctl disable --quiet orthanc.service || true
  else as_root update-rc.d orthanc disable >/dev/null 2>&1 || true
  fi
  say "the system service of Debian's orthanc package is left switched off"
}

install_packages() {
  local missing=() package fresh=no
  for package in "$@"; do installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || fail "needs these packages, and there is no apt-get here: ${missing[*]}"
  say "installing ${missing[*]}"
  installed orthanc || fresh=yes
  [ $fresh = no ] || hold_services
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" </dev/null >&2
  [ $fresh = no ] || disable_service
}

# The virtual environment must have the Python that Orthanc's plugin embeds: compiled packages depend on its version.
embedded_python() {
  local library version
  library=$(dpkg -L orthanc-python | grep '/libOrthancPython\.so$' | head -n 1)
  version=$(ldd "$library" | sed -n 's/.*libpython\(3\.[0-9]*\)\.so.*/\1/p' | head -n 1)
  [ -n "$version" ] || fail "cannot determine which Python $library embeds"
  [ "${version#3.}" -ge 11 ] || fail "Orthanc's plugin embeds Python $version here; 3.11 or later is needed"
  [ -x "/usr/bin/python$version" ] || fail "/usr/bin/python$version is missing: Orthanc's plugin embeds it"
  echo "/usr/bin/python$version"
}

make_environment() {
  local python=$1 version
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  [ -x ".venv/bin/python$version" ] && return
  say "making .venv for Python $version"
  "$python" -m venv --clear .venv
}

# The stamp holds the checksum of the requirements when pip last succeeded.
install_dependencies() {
  local stamp=.venv/installed-$what wanted
  wanted=$(sha256sum pyproject.toml scripts/install.sh)
  [ "$(cat $stamp 2>/dev/null)" = "$wanted" ] && return
  say "installing the Python packages into .venv"
  local pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet --no-input)
  case $what in
    run) "${pip[@]}" install -e '.[postgresql,pixels]' ;;
    *)
      "${pip[@]}" install --upgrade 'pip>=25.1' # the first that knows dependency groups
      "${pip[@]}" install -e '.[postgresql,pixels]' --group "$what"
      ;;
  esac
  echo "$wanted" >$stamp
}

packages=(orthanc orthanc-python python3-venv)
case $what in
  run) ;;
  test | bench)
    packages+=(chromium chromium-driver dcm2niix dcmtk debian-archive-keyring debootstrap dicom3tools libgdcm-tools make
      orthanc-dicomweb orthanc-postgresql postgresql docker-compose)
    [ "$what" = test ] || packages+=(fonts-freefont-ttf fonts-liberation fonts-open-sans fonts-paratype
      fonts-roboto-unhinted)
    for tool in nodejs:node npm:npm; do # another Node.js on the PATH will do as well
      command -v "${tool#*:}" >/dev/null || packages+=("${tool%:*}")
    done
    ;;
  *) fail "usage: install.sh run, test or bench" ;;
esac
install_packages "${packages[@]}"
make_environment "$(embedded_python)"
install_dependencies
