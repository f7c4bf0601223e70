# tools/install.sh - part of ./dev: installs what is missing, and says what and why.

# need GROUP...: the packages of these groups of tools/packages, and AWS-LC, ngtcp2 and nghttp3, are there afterwards.
need() {
    local groups=" $* " wanted missing
    if ! command -v dpkg-query >/dev/null; then
        say_needed "$groups"
    else
        wanted=$(packages_of "$groups")
        # dpkg-query fails when one of the packages was never heard of; what it prints is still right.
        missing=$(comm -23 <(sort <<<"$wanted") \
            <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | sed -n 's/ installed$//p' | sort))
        if [ -n "$missing" ]; then install_packages $missing; fi
    fi
    if [[ $groups == *" test "* ]] && command -v dpkg >/dev/null; then
        unpack_beside
        unpack_newer trixie trixie-backports
    fi
    if [[ $groups == *" build "* && -z "${SALLYPORT_AWS_LC:-}" ]]; then tools/fetch_aws_lc; fi
    if [[ $groups == *" build "* && -z "${SALLYPORT_QUIC:-}" ]]; then tools/fetch_quic; fi
}

packages_of() {
    awk -v groups="$1" '$1 !~ /^#/ && NF && index(groups, " " $1 " ") { print $2 }' tools/packages
}

# Servers that Debian does not install beside another of the list: fetched and unpacked in the cache, never installed.
# The libraries they need are ordinary packages of the list. tests/peers/beside.py finds them.
unpack_beside() {
    local cache=${SALLYPORT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sallyport} package folder
    mkdir -p $logs
    for package in $(packages_of " beside "); do
        if [ -e "$cache/beside/.$package" ]; then continue; fi
        say "unpacking $package into the cache, beside what is installed"
        folder=$(mktemp -d)
        # apt's own user must reach the folder.
        chmod 755 "$folder"
        (cd "$folder" && apt-get -q download "$package") >>$logs/apt.log 2>&1 </dev/null || show_log "apt-get download $package" $logs/apt.log
        mkdir -p "$cache/beside"
        dpkg -x "$folder"/*.deb "$cache/beside"
        touch "$cache/beside/.$package"
        rm -rf "$folder"
    done
}

# Clients of newer Debians, with all their libraries: unpacked in the cache, where tests/peers/newer.py finds them. The tests
# that want one that could not be had fail and say so.
unpack_newer() {
    local cache=${SALLYPORT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sallyport} suite packages folder
    # Others name their suites otherwise; there the tests are skipped.
    if ! grep -q '^ID=debian$' /etc/os-release; then return 0; fi
    mkdir -p "$cache" $logs
    for suite in "$@"; do
        packages=$(packages_of " $suite ")
        if [ "$(cat "$cache/$suite/complete" 2>/dev/null)" = "$packages" ]; then continue; fi
        say "unpacking $(echo $packages) of $suite into the cache"
        folder=$(mktemp -d "$cache/$suite.XXXXXX")
        if tools/debian_packages --whole "$suite" "$folder" $packages >>$logs/apt.log 2>&1; then
            echo "$packages" >"$folder/unpacked/complete"
            rm -rf "${cache:?}/$suite"
            mv "$folder/unpacked" "$cache/$suite"
        else
            tail -5 $logs/apt.log >&2
            say "that failed (log: $logs/apt.log)"
        fi
        rm -rf "$folder"
    done
}

# Not Debian: the names help to find the same things elsewhere. Said once per checkout.
say_needed() {
    [ -e build/log/needed ] && return
    mkdir -p build/log
    echo "This machine has no dpkg, so nothing is installed. Wanted, by their Debian names:"
    awk -v groups="$1" '$1 !~ /^#/ && NF && index(groups, " " $1 " ") { $1 = ""; print " " $0 }' \
        tools/packages | tee build/log/needed
}

install_packages() {
    local as_root=() package
    say "installing $# Debian packages:"
    for package in "$@"; do
        awk -v p="$package" '$2 == p { $1 = $2 = ""; sub(/^ +/, ""); printf "          %-22s %s\n", p, $0 }' tools/packages
    done
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "not root and no sudo: run  apt-get install $*  as root, then again ./dev"
        as_root=(sudo DEBIAN_FRONTEND=noninteractive)
    fi
    mkdir -p $logs
    start_no_service
    if lists_are_old; then
        say "apt-get update"
        "${as_root[@]}" apt-get -q update >$logs/apt.log 2>&1 </dev/null || show_log "apt-get update" $logs/apt.log
    fi
    apt_install "$@" || {
        say "that failed; apt-get update and once more"
        "${as_root[@]}" apt-get -q update >$logs/apt.log 2>&1 </dev/null || true
        apt_install "$@" || show_log "apt-get install" $logs/apt.log
    }
    start_services_again
    say "installed (log: $logs/apt.log)"
}

# Servers that the tests want as programs must not become services of this machine: Debian's hook says no while we
# install (invoke-rc.d(8)). One that is there already is the owner's, and stays in charge.
readonly service_hook=/usr/sbin/policy-rc.d
start_no_service() {
    if [ -e $service_hook ]; then return 0; fi
    trap start_services_again EXIT
    printf '#!/bin/sh\n# Made by ./dev of Sallyport while it installs packages; may be deleted.\nexit 101\n' |
        "${as_root[@]}" install -m 755 /dev/stdin $service_hook
    hook_is_ours=1
}
hook_is_ours=''
start_services_again() {
    if [ -z "$hook_is_ours" ]; then return 0; fi
    "${as_root[@]}" rm -f $service_hook
    hook_is_ours=''
    trap - EXIT
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -q -y --no-install-recommends install "$@" \
        2>&1 </dev/null | tee -a $logs/apt.log | apt_progress
}

# One line for every 25 packages.
apt_progress() {
    awk '/^[0-9]+ upgraded, / { print "          " $3 " packages with what they need"; fflush() }
         /^Get:/ && ++fetched % 25 == 0 { print "          fetched " fetched; fflush() }
         /^Setting up/ && ++set_up % 25 == 0 { print "          set up " set_up; fflush() }'
}

# No list, or the newest older than a week.
lists_are_old() {
    [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -7 2>/dev/null | head -1)" ]
}

show_log() {
    tail -30 "$2" >&2
    fail "$1 failed; the whole log is $2"
}
