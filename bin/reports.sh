# Sourced by ./verify and ./verify-peers from the root of the project: the test reports of Maven's modules.

# What an earlier run left behind must not be counted.
clear_reports() {
  rm -rf ./*/target/surefire-reports ./*/target/failsafe-reports
}

# Fails if a test was skipped, failed, or if there was none; prints how many there were.
check_reports() {
  local skipped
  # The test case is the last one begun before its mark.
  skipped=$(find . -path './*/target/*-reports/TEST-*.xml' -exec awk '
    /<testcase / { name = $0; sub(/.* name="/, "", name); sub(/".*/, "", name) }
    /<skipped/ { print "  " name " in " FILENAME }' {} +)
  if [ -n "$skipped" ]; then
    printf 'skipped tests are not allowed:\n%s\n' "$skipped" >&2
    return 1
  fi
  report_counts | awk '{ tests += $1; failed += $2 + $3 } END {
    if (tests == 0) { print "no test was run"; exit 1 }
    print tests - failed " passed, " failed " failed"
    exit failed > 0
  }'
}

# One line per report: tests, errors, failures.
report_counts() {
  find . -path './*/target/*-reports/TEST-*.xml' -exec awk '
    function number(name,   text) {
      if (!match($0, "[ \t]" name "=\"[0-9]+\"")) return 0
      text = substr($0, RSTART, RLENGTH)
      gsub(/[^0-9]/, "", text)
      return text
    }
    /<testsuite[ \t]/ { seen = FILENAME; t[seen] = 0; inside = 1 }
    inside && / tests="/ { t[seen] = number("tests"); e[seen] = number("errors"); f[seen] = number("failures") }
    />/ { inside = 0 }
    END { for (file in t) print t[file], e[file], f[file] }
  ' {} +
}
