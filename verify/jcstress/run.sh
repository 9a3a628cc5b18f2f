#!/usr/bin/env bash
# Runs the jcstress tests; called by Maven (./mvnw -Pjcstress verify) as: run.sh JAVA CLASSPATH CLASSES MODE TESTS RESULTS
#
# A test whose class name contains "Broken" is the planted twin of a real one: with its bug, it must reach a forbidden
# state. If it does not, the real test proves nothing, so that fails the build.
set -euo pipefail
java=$1 class_path=$2 classes=$3 mode=$4 tests=$5 results=$6

[[ -s $classes/META-INF/TestList ]] || { echo "jcstress: no tests yet"; exit 0; }
names=$("$java" -cp "$class_path" org.openjdk.jcstress.Main -l -t "$tests" | grep -oE '^ *[a-z]+\.[A-Za-z0-9_.$]+ *$' | tr -d ' ') || {
  echo "jcstress: no test matches $tests: correct -Djcstress.tests"
  exit 1
}
good=$(grep -v Broken <<< "$names" || true)
broken=$(grep Broken <<< "$names" || true)

jcstress() { # NAME_PATTERN ARGS...
  local pattern=$1
  shift
  "$java" -cp "$class_path" org.openjdk.jcstress.Main -m "$mode" -t "$pattern" -r "$results" "$@"
}

failed=0
if [[ -n $good ]]; then
  # jcstress searches for the pattern in the names: this one keeps the twins out.
  more=()
  # Quick: all JVM configurations, but not also each combination of how the two actors are compiled, and each for 600 ms.
  if [[ $mode == quick ]]; then more=(-sc false -iters 3); fi
  jcstress "^(?!.*Broken).*(?:$tests)" ${more[@]+"${more[@]}"} -jvmArgsPrepend "--add-opens=java.base/java.lang=ALL-UNNAMED" || failed=1
fi

twin_run() { # NAME_PATTERN ARGS...: one JVM configuration is enough, and quicker; the bug has to show once
  local pattern=$1
  shift
  jcstress "$pattern" "$@" -jvmArgs "--add-opens=java.base/java.lang=ALL-UNNAMED" 2>&1 || true
}
all=
if [[ -n $broken ]]; then all=$(twin_run "^($(paste -sd '|' <<< "${broken//./\\.}"))\$" -sc false); fi
while IFS= read -r twin; do
  [[ -n $twin ]] || continue
  if grep -qE "\[FAILED\] ${twin//./\\.}\$" <<< "$all"; then
    echo "jcstress: ok: the broken twin $twin fails"
    continue
  fi
  output=$(twin_run "^${twin//./\\.}\$") # with each combination of how the actors are compiled
  if grep -q 'Observed forbidden state' <<< "$output"; then
    echo "jcstress: ok: the broken twin $twin fails"
  else
    printf '%s\n' "$output" | tail -n 40
    echo "jcstress: FAILED: the broken twin $twin passes, so its real test proves nothing"
    failed=1
  fi
done <<< "$broken"
exit $failed
