# Sourced by ./microtome and ./test: installs what is missing, builds what is out of date, says what it does on standard error.
# Everything built lies in out/ (and in each project's bin/ and obj/); nothing else of the machine is touched but packages, as root.
# shellcheck shell=bash

root=$PWD
log=$root/out/log
export LC_ALL=C.UTF-8 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1
# No build server may outlive the build: it would keep the lock and the terminal.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

say() { printf '%s\n' "$*" >&2; }
fail() { say "microtome: $*"; exit 3; }

# --- .NET -----------------------------------------------------------------------------------------------------------------
find_dotnet() {
    local candidate
    if ! command -v dotnet >/dev/null 2>&1; then
        for candidate in "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
            [ -n "$candidate" ] && [ -x "$candidate/dotnet" ] && PATH=$candidate:$PATH && break
        done
    fi
    command -v dotnet >/dev/null 2>&1 || fail "the .NET 10 SDK is missing (it builds and runs the program). Install it as https://learn.microsoft.com/dotnet/core/install/linux says, then run the same command again."
    if [ -z "${DOTNET_ROOT:-}" ]; then
        DOTNET_ROOT=$(readlink -f "$(command -v dotnet)")
        export DOTNET_ROOT=${DOTNET_ROOT%/*}
    fi
}

# The SDK and NuGet write below HOME; where that cannot be written, they write into out/ instead.
find_home() {
    if [ -z "${HOME:-}" ] || ! mkdir -p "$HOME/.nuget" 2>/dev/null || [ ! -w "$HOME/.nuget" ]; then
        mkdir -p "$root/out/home"
        export HOME=$root/out/home
    fi
    export DOTNET_CLI_HOME=${DOTNET_CLI_HOME:-$HOME}
}

# --- packages -------------------------------------------------------------------------------------------------------------
missing=()
# need PACKAGE 'what it is for' CHECK...: remembers the package unless the check succeeds.
need() {
    local package=$1 reason=$2
    shift 2
    "$@" >/dev/null 2>&1 && return
    missing+=("$package")
    say "  missing: $package ($reason)"
}
has_file() { compgen -G "$1"; }

need_for_program() {
    dotnet --list-sdks 2>/dev/null | grep -q '^1[0-9]\.' || fail "the .NET SDK 10 or later is needed to build; found: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | tr '\n' ' '). Install it as https://learn.microsoft.com/dotnet/core/install/linux says."
    need cmake "builds the native parts" command -v cmake
    need g++ "compiles the native parts" command -v g++
    need ninja-build "drives the native build" command -v ninja
    need pkg-config "finds libvips for the native build" command -v pkg-config
    if [ -z "${MICROTOME_TORCH:-}" ]; then
        need libtorch-dev "runs the networks" has_file "/usr/include/torch/csrc/api/include/torch/torch.h"
        need libopenblas0-pthread "fast matrix products for libtorch" has_file "/usr/lib/*/openblas-pthread/libopenblas.so.0"
    elif [ ! -e "$MICROTOME_TORCH/share/cmake/Torch/TorchConfig.cmake" ] && [ ! -e "$MICROTOME_TORCH/TorchConfig.cmake" ]; then
        fail "MICROTOME_TORCH '$MICROTOME_TORCH' holds no libtorch (share/cmake/Torch/TorchConfig.cmake is not there). Name the folder that has include/ and lib/, or unset it to use the system's libtorch."
    fi
    need libvips-dev "reads and writes ordinary images and pyramids" pkg-config --exists vips
    need libjpeg-dev "decodes the tiles of slides" pkg-config --exists libjpeg
    need libopenslide-dev "reads whole-slide images" pkg-config --exists openslide
}

need_for_tests() {
    need gdal-bin "the tests open GeoPackages with ogrinfo" command -v ogrinfo
    need chromium "the tests look at the report in a browser" command -v chromium
    need postgresql "the tests keep a ledger in a server of their own" has_file "/usr/lib/postgresql/*/bin/initdb"
    need slurmctld "the tests run job arrays on a cluster of their own" command -v /usr/sbin/slurmctld
    need slurmd "the node of that cluster" command -v /usr/sbin/slurmd
    need slurm-client "its commands" command -v sbatch
    need munge "its authentication" command -v munged
    need openslide-tools "the tests compare with OpenSlide's own tools" command -v openslide-show-properties
    need libvips-tools "the tests compare with the vips program" command -v vips
}

install_missing() {
    [ ${#missing[@]} -eq 0 ] && return
    local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null 2>&1 || fail "this machine has no apt-get; install what the list above names with its own package manager, then run the same command again."
    if [ "$(id -u)" -ne 0 ]; then
        say "microtome: run this once, then the same command again:"
        say "  sudo sh -c '$command'"
        exit 3
    fi
    say "Installing ${missing[*]} (log: out/log/apt.log) ..."
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log/apt.log" 2>&1 9>&-; then
        tail -n 15 "$log/apt.log" >&2
        fail "apt-get failed (all of it: out/log/apt.log). Run by hand: $command"
    fi
    missing=()
}

# --- building -------------------------------------------------------------------------------------------------------------
# step NAME COMMAND...: runs quietly, shows the end of the log when it fails.
step() {
    local name=$1 started=$SECONDS
    shift
    if ! "$@" >"$log/$name.log" 2>&1 9>&-; then
        grep -E 'error|Error' "$log/$name.log" | sort -u | head -n 15 >&2
        tail -n 15 "$log/$name.log" >&2
        fail "the step '$name' failed after $((SECONDS - started)) s (all of it: out/log/$name.log)."
    fi
}

# What the build depends on, as one line: the sources by path, size and time, the libtorch, the compiler's place.
fingerprint() {
    {
        printf '%s\n' "$root" "${MICROTOME_TORCH:-system}" "$1"
        stat -c '%s %Y' "${MICROTOME_TORCH:-/usr/lib/x86_64-linux-gnu}/libtorch.so" "${MICROTOME_TORCH:-/usr}/lib/libtorch.so" 2>/dev/null
        find microtome test eng native global.json Microtome.slnx Directory.Build.props Directory.Packages.props .editorconfig "${@:2}" \
            \( -name bin -o -name obj \) -prune -o -type f -printf '%p %s %T@\n' 2>/dev/null | sort
    } | cksum
}

build_native() {
    local folder name
    for folder in native/*/; do
        name=$(basename "$folder")
        [ -e "$folder/CMakeLists.txt" ] || continue
        # A cache made elsewhere or against another libtorch is of no use.
        if [ -e "out/build/$name/CMakeCache.txt" ] && [ "$(cat "out/build/$name/made-for" 2>/dev/null)" != "$root|${MICROTOME_TORCH:-}" ]; then
            rm -rf "out/build/$name"
        fi
        if [ ! -e "out/build/$name/build.ninja" ]; then
            step "native-$name-configure" cmake -S "native/$name" -B "out/build/$name" -G Ninja -DCMAKE_BUILD_TYPE=Release ${MICROTOME_TORCH:+"-DMICROTOME_TORCH=$MICROTOME_TORCH"}
            printf '%s' "$root|${MICROTOME_TORCH:-}" >"out/build/$name/made-for"
        fi
        step "native-$name" cmake --build "out/build/$name"
        step "native-$name-install" cmake --install "out/build/$name" --prefix "$root/out/native"
    done
}

build_program() {
    rm -rf out/bin.new
    # Compiled ahead of time where the compiler for that restores, so that the program starts at once; plain otherwise.
    if ! dotnet publish src/Microtome.Cli -c Release -r "linux-$(machine)" --self-contained false -p:PublishReadyToRun=true -p:GenerateDocumentationFile=false \
        -o out/bin.new --disable-build-servers >"$log/program.log" 2>&1 9>&-; then
        grep -q 'NU1101\|NU1102\|NETSDK1094' "$log/program.log" || { grep -E 'error' "$log/program.log" | sort -u | head -n 15 >&2; fail "the program does not compile (all of it: out/log/program.log)."; }
        rm -rf out/bin.new
        step program dotnet publish src/Microtome.Cli -c Release -o out/bin.new --disable-build-servers
    fi
    rm -rf out/bin.old
    [ ! -e out/bin ] || mv out/bin out/bin.old
    mv out/bin.new out/bin
    rm -rf out/bin.old
}

# --- the viewer -----------------------------------------------------------------------------------------------------------
need_for_viewer() {
    need nodejs "bundles the viewer's page" command -v node
    need npm "fetches what the page is made of" command -v npm
}

# node_packages SET: installs what web/package-lock.json names; SET is all, or omit=dev for what the page itself needs.
node_packages() {
    local print
    print=$(cksum <web/package-lock.json)
    case $(cat web/node_modules/.microtome 2>/dev/null) in
        "all $print") return ;;
        "$1 $print") return ;;
    esac
    find_home
    # Node has a list of authorities of its own; those that this machine trusts (an institution's proxy) count, too.
    [ -n "${NODE_EXTRA_CA_CERTS:-}" ] || [ ! -r /etc/ssl/certs/ca-certificates.crt ] || export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
    step npm npm --prefix web ci --ignore-scripts --no-audit --no-fund ${1:+"--${1/all/include=dev}"}
    printf '%s' "$1 $print" >web/node_modules/.microtome
}

# Brings out/web up to date.
prepare_viewer() {
    local print
    print=$(find web -name node_modules -prune -o -type f -printf '%p %s %T@\n' | sort | cksum)
    [ -e out/web/index.html ] && [ "$(cat out/web.stamp 2>/dev/null)" = "$print" ] && return
    mkdir -p "$log"
    exec 8>out/web.lock
    flock 8
    if [ ! -e out/web/index.html ] || [ "$(cat out/web.stamp 2>/dev/null)" != "$print" ]; then
        need_for_viewer
        install_missing
        say "Building the viewer (once) ..."
        node_packages omit=dev
        step viewer node web/build.mjs out/web
        printf '%s\n' "$print" >out/web.stamp
    fi
    exec 8>&-
}

machine() { case $(uname -m) in aarch64) echo arm64 ;; *) echo x64 ;; esac; }

# Brings out/native and out/bin up to date. One process builds; another that starts meanwhile waits and then finds it done.
prepare_program() {
    find_dotnet
    local print
    print=$(fingerprint program src)
    [ -x out/bin/microtome ] && [ "$(cat out/stamp 2>/dev/null)" = "$print" ] && return
    mkdir -p "$log" || fail "cannot write into $root (it holds the build). Copy the folder to a place that you may write to."
    exec 9>out/lock
    if ! flock -n 9; then
        say "Waiting for another microtome that is building ..."
        flock 9
    fi
    print=$(fingerprint program src)
    if [ ! -x out/bin/microtome ] || [ "$(cat out/stamp 2>/dev/null)" != "$print" ]; then
        local started=$SECONDS
        find_home
        need_for_program
        install_missing
        say "Building microtome (once; log: out/log) ..."
        build_native
        build_program
        printf '%s\n' "$print" >out/stamp.new && mv out/stamp.new out/stamp
        say "Built in $((SECONDS - started)) s."
    fi
    exec 9>&-
}
