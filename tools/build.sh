# tools/build.sh - part of ./dev: configures and builds a preset, formats, fuzzes.

# build PRESET [TARGET...]
build() {
    local preset=$1 options=() targets=()
    shift
    [[ " release debug asan tsan fuzz " == *" $preset "* ]] || fail "no such preset: $preset (release debug asan tsan fuzz)"
    # The release preset exists for the program: its unit tests would take long with -O3 and LTO.
    if [ $# -eq 0 ] && [ "$preset" = release ] && [ -e src/app/main.cpp ]; then set -- sallyport; fi
    if [ $# -gt 0 ]; then targets=(--target "$@"); fi
    if [ -n "${CI:-}" ]; then options=(-DSALLY_WERROR=ON); fi
    mkdir -p $logs

    if [ ! -e build/$preset/build.ninja ] || [ -n "${CI:-}" ]; then
        say "configuring $preset"
        cmake --preset $preset "${options[@]}" >$logs/configure-$preset.log 2>&1 </dev/null ||
            show_log "configuring $preset" $logs/configure-$preset.log
    fi
    say "building $preset${1:+: $*}"
    if [ -t 1 ]; then
        NINJA_STATUS="        [%f/%t] " cmake --build build/$preset -j "$jobs" "${targets[@]}" || fail "the build of $preset failed"
    else
        cmake --build build/$preset -j "$jobs" "${targets[@]}" 2>&1 </dev/null | every_tenth ||
            fail "the build of $preset failed"
    fi
    say "built build/$preset"
}

# Ninja's lines, reduced to one for every tenth of the work; everything else (warnings, errors) stays.
every_tenth() {
    awk '/^\[[0-9]+\/[0-9]+\]/ { split(substr($1, 2), n, /[\/\]]/); tenth = int(n[1] * 10 / n[2])
             if (tenth > last || n[1] == n[2]) { print "        " $1; fflush(); last = tenth } next }
         { print; fflush() }'
}

sources() { find src tests bench -name '*.cpp' -o -name '*.h' 2>/dev/null | sort; }

format_sources() {
    if [ "${1:-}" = --check ]; then
        sources | xargs -r -n 16 -P "$jobs" clang-format --dry-run -Werror 2>&1 |
            awk -F: '/error: code should be clang-formatted/ && !seen[$1]++ { print $1 ": not formatted; run ./dev fmt" }
                     END { exit length(seen) > 0 }'
    else
        sources | xargs -r -n 16 -P "$jobs" clang-format -i
    fi
}

# The targets' names, as cmake/folder.cmake makes them: the path with _ for /.
fuzz_targets() { find src -name '*_fuzz.cpp' -printf '%P\n' | sed 's/\.cpp$//; s|/|_|g' | sort; }

# fuzz TARGET [SECONDS]: new inputs go into build/corpus, a crash into tests/fuzz/TARGET.
fuzz() {
    local target=$1 seconds=${2:-30} program
    program=$(find build/fuzz/src -type f -executable -name "$target")
    mkdir -p "build/corpus/$target" "tests/fuzz/$target"
    say "fuzzing $target for $seconds s"
    "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="tests/fuzz/$target/" "build/corpus/$target" "tests/fuzz/$target"
}
