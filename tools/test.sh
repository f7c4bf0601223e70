# tools/test.sh - part of ./dev: runs checks and tests, counts every one of them.
#
# Every stage appends lines "passed failed skipped stage" to $tally. A stage that does not get as far as counting
# its tests counts as one failure, so nothing can go missing.

readonly tally=$results/tally
readonly sanitizer_log=$root/$logs/sanitizer/report

count() { echo "$*" >>$tally; }

# ./dev test [--quick] [PRESET]
run_tests() {
    local quick='' preset='' argument
    for argument in "$@"; do
        case $argument in
            --quick) quick=1 ;;
            asan | tsan | debug | release) preset=$argument ;;
            *) fail "usage: ./dev test [--quick] [asan|tsan|debug|release]" ;;
        esac
    done
    if [ -n "$quick" ]; then need build check; else need build check test; fi
    rm -rf $results $logs/sanitizer
    mkdir -p $results $logs/sanitizer
    chmod 1777 $logs/sanitizer  # the program under test may have dropped its privileges

    if [ -n "$preset" ]; then
        one_preset "$preset" "$quick"
    else
        run_checks || true
        one_preset asan "$quick"
        if [ -z "$quick" ]; then one_preset tsan ''; fi
    fi
    summary
}

# one_preset PRESET QUICK: its unit tests and, unless QUICK, the scenarios against its program.
one_preset() {
    local preset=$1 quick=$2
    if [ "$preset" = release ]; then
        stage_build release && { [ -n "$quick" ] || scenarios release; }
        return 0
    fi
    stage_build "$preset" || return 0
    unit_tests "$preset"
    if [ -n "$quick" ] || [ ! -e build/"$preset"/sallyport ]; then return 0; fi
    reference_pages "$preset"
    stage_build release || return 0
    scenarios "$preset"
}

stage_build() {
    # fail() leaves the subshell only; the message has been printed.
    if (build "$@"); then return 0; fi
    count 0 1 0 "build-$1"
    return 1
}

# run_check NAME COMMAND...: one pass or one failure.
run_check() {
    local name=$1
    shift
    mkdir -p $results
    if "$@"; then
        count 1 0 0 "$name"
        say "${green}ok${plain}     $name"
    else
        count 0 1 0 "$name"
        say "${red}FAILED${plain} $name"
        return 1
    fi
}

# Shows what a command says only when it fails.
quiet() {
    local output
    output=$("$@" 2>&1) || { printf '%s\n' "$output"; return 1; }
}

run_checks() {
    local bad=0
    say "checking the project's own rules"
    run_check layers "$python" tools/check_layers || bad=1
    run_check coroutines "$python" tools/check_coro || bad=1
    run_check errors "$python" tools/check_errors || bad=1
    run_check reference "$python" tools/make_reference --check || bad=1
    run_check format format_sources --check || bad=1
    run_check tools quiet "$python" -m unittest discover -q -s tests/tools -p '*_test.py' || bad=1
    if [ -e bench/bench_test.py ]; then run_check bench quiet "$python" bench/bench_test.py || bad=1; fi
    return $bad
}

# The manual's tables come from the program: they must be what it prints today.
reference_pages() {
    if [ "$1" = tsan ]; then return 0; fi  # once is enough
    run_check reference-config "$python" tools/make_reference --check --program build/"$1"/sallyport || true
}

# GCC 12's sanitizers do not always find their shadow memory free where the kernel randomises 32 bits.
fixed_addresses() {
    if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)" -gt 28 ] && setarch -R true 2>/dev/null; then
        setarch -R "$@"
    else
        "$@"
    fi
}

sanitizer_options() {
    export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1$1"
    export UBSAN_OPTIONS="print_stacktrace=1$1"
    export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1$1"
}

unit_tests() {
    local preset=$1 report=$results/unit-$1.xml
    say "unit tests under $preset"
    (
        sanitizer_options ''
        fixed_addresses ctest --test-dir build/"$preset" -j "$jobs" --output-on-failure --output-junit "$root/$report" 2>&1 </dev/null
    ) >$logs/unit-"$preset".log || true
    # What stays are the tests that did not pass, with all they said.
    awk '/^ *(Start +[0-9]+:|[0-9]+\/[0-9]+ Test +#.* Passed )/ || /^Internal ctest|^Test project|^[0-9]+% tests passed/ { next }
         /^Label Time Summary/ { times = 1 } /^The following tests/ { times = 0 } !times && NF' $logs/unit-"$preset".log
    tally_report "$report" "unit-$preset"
}

# Scenarios drive the real program. Under tsan only those that are marked `tsan` run.
scenarios() {
    local preset=$1 report=$results/scenarios-$1.xml select=()
    if [ ! -d tests/scenarios ]; then say "no tests/scenarios yet"; return 0; fi
    if [ "$preset" = tsan ]; then select=(-m "tsan and not soak"); fi
    say "scenarios against build/$preset/sallyport"
    (
        sanitizer_options ":log_path=$sanitizer_log"
        export SALLYPORT_BINARY=$root/build/$preset/sallyport SALLYPORT_RELEASE_BINARY=$root/build/release/sallyport
        export SALLYPORT_PRESET=$preset PYTHONDONTWRITEBYTECODE=1
        run_scenarios "$report" "${select[@]}"
        again_if_few "$report"
    ) 2>&1 | tee $logs/scenarios-"$preset".log | grep -vE '^[0-9]+ (passed|failed|skipped)' || true
    if [ -e "$report.unsteady" ]; then
        say "${red}UNSTEADY${plain} scenarios-$preset: $(cat "$report.unsteady") failed once and then passed $again times; look into it"
        set -- $("$python" tools/count_results "$report")
        count "$(($1 + $2)) 0 $3 scenarios-$preset"
    else
        tally_report "$report" "scenarios-$preset"
    fi
    sanitizer_reports "$preset"
}

# run_scenarios REPORT ARGUMENTS...
run_scenarios() {
    local report=$1
    shift
    fixed_addresses "$python" -m pytest -q -o cache_dir="$root/$results/pytest" --tb=short --timeout=300 -o junit_family=xunit2 \
        --junitxml="$report" "$@" tests/scenarios </dev/null
}

# again_if_few REPORT: at most three scenarios that failed, of some hundred with real servers, browsers and clients, are
# asked again alone. Only what passes every time is called unsteady instead of failed.
readonly again=3
again_if_few() {
    local report=$1 failed round list=$results/pytest/v/cache/lastfailed
    failed=$("$python" tools/count_results "$report" | cut -d' ' -f2)
    if [ "$failed" -eq 0 ] || [ "$failed" -gt 3 ] || [ ! -s "$report" ]; then return 0; fi
    cp "$list" "$report.list"
    for ((round = 1; round <= again; round++)); do
        say "the $failed that failed, once more ($round of $again)"
        cp "$report.list" "$list"  # what passes strikes itself off
        run_scenarios "$report.again" --last-failed --last-failed-no-failures none || return 0
    done
    echo "$failed" >"$report.unsteady"
}

# The scenarios marked `soak`: long or heavy, against the program as it is shipped.
soak() {
    export SALLYPORT_BINARY=$root/build/release/sallyport SALLYPORT_RELEASE_BINARY=$root/build/release/sallyport
    export SALLYPORT_PRESET=release PYTHONDONTWRITEBYTECODE=1
    exec "$python" -m pytest -v -p no:cacheprovider -m soak "$@" tests/scenarios
}

# A report of a sanitizer is a failure even when the test that caused it passed.
sanitizer_reports() {
    local file found=0
    for file in "$sanitizer_log".*; do
        [ -e "$file" ] || continue
        found=$((found + 1))
        printf '%s\n' "--- $file" && head -60 "$file"
    done
    if [ $found -gt 0 ]; then count 0 $found 0 "sanitizer-reports-$1"; fi
    mkdir -p "$logs/sanitizer-$1" && mv "$sanitizer_log".* "$logs/sanitizer-$1/" 2>/dev/null || true
}

tally_report() {
    local counts
    counts=$("$python" tools/count_results "$1") || counts="0 1 0"
    count "$counts $2"
    set -- $counts "$2"
    if [ "$2" -eq 0 ]; then
        say "${green}ok${plain}     $4: $1 passed, $3 skipped"
    else
        say "${red}FAILED${plain} $4: $1 passed, $2 failed, $3 skipped"
    fi
}

summary() {
    local passed failed skipped
    read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' $tally)
    if [ "$failed" -gt 0 ]; then
        echo "not passed:" && awk '$2 > 0 { print "  " $4 ": " $2 }' $tally
    fi
    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
