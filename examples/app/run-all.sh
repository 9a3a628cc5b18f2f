#!/usr/bin/env bash
# Builds this project against an installed Jenny and runs it in every way that a Java program can be started, checking
# the mode that the runtime reports and the result.
#
#   ./mvnw install && examples/app/run-all.sh      or      examples/app/run-all.sh --install
set -euo pipefail
app=$(CDPATH='' cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$app/../.." && pwd -P)

. "$root/.mvn/find-jdk.sh"
find_jdk
java=$JDK_HOME/bin/java

if [[ ${1-} == --install ]]; then
  "$root/mvnw" -B -ntp -q -f "$root/pom.xml" -pl bom,runtime -am install -Dquick
fi
"$root/mvnw" -B -ntp -q -f "$app/pom.xml" clean package # runs its tests, too

jar=$app/target/app.jar
jenny=$(echo "$app"/target/lib/jenny-runtime-*.jar)
module=com.example.app/com.example.app.Main
main=com.example.app.Main
expected=333833500
fail=0

# check MODE TITLE COMMAND...
check() {
  local mode=$1 title=$2 out status=0 verdict=ok
  shift 2
  out=$(timeout 60 "$@" 2>&1) || status=$?
  if ((status != 0)) || [[ $out != *"mode: $mode"* || $out != *"= $expected"* ]]; then
    verdict=FAILED
    fail=1
  fi
  printf '%-6s  %-8s  %s\n' "$verdict" "$mode" "$title"
  if [[ $verdict != ok ]]; then printf '  %s\n  exit code %s, output:\n%s\n' "$*" "$status" "$out"; fi
}

check custom "class path, flag" "$java" --add-opens java.base/java.lang=ALL-UNNAMED -cp "$jar:$jenny" $main
check custom "module path, flag" "$java" --add-opens java.base/java.lang=dev.jenny.runtime -p "$jar:$jenny" -m $module
check custom "executable jar, Add-Opens in its manifest" "$java" -jar "$jar"
check custom "class path, -javaagent" "$java" -javaagent:"$jenny" -cp "$jar:$jenny" $main
check custom "module path, -javaagent" "$java" -javaagent:"$jenny" -p "$jar:$jenny" -m $module
check fallback "class path, nothing" "$java" -cp "$jar:$jenny" $main
check fallback "module path, nothing" "$java" -p "$jar:$jenny" -m $module
check custom "jenny run app.jar" "$root/jenny" run -cp "$jenny" "$jar"

exit $fail
