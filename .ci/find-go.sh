# Finds a Go whose tools can judge ours, or fetches one. Sourced by .ci/run and .ci/test-inspect; bash.
#
#   find_go      puts a go >= 1.23 on the PATH and says which; or says in one sentence why there is none and returns 1, or 2
#                if JENNY_CI_GO asks for one
#   go_verdict   says in one sentence which Go has judged, or what was skipped because there was none
#
# It takes the first of: go on the PATH; what is installed in the usual folders; what an earlier call has fetched; packages
# of this machine's own Debian or Ubuntu mirror, backports included, since the release's own Go is often too old. Those are
# unpacked into target/go, without root: nothing is installed, and the machine's package lists stay as they are.
#
# JENNY_CI_GO=off fetches nothing. JENNY_CI_GO=1.27 wants this one or a newer one, or it is an error.

go_min=23 # of 1.23: the first whose go tool trace reads the format
go_found= # the version

# _go_fits GO: whether it runs and is new enough; sets go_version.
_go_fits() {
  [[ -x $1 ]] || return 1
  go_version=$(GOTOOLCHAIN=local "$1" version 2> /dev/null | sed -n 's/^go version go\([0-9][^ ]*\).*/\1/p')
  [[ $go_version =~ ^1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= go_min))
}

# _go_take GO: puts it on the PATH. A GOROOT that belongs to another one would mislead it.
_go_take() {
  _go_fits "$1" || return 1
  unset GOROOT
  export PATH=${1%/*}:$PATH
}

# _go_sources FOLDER: this machine's own sources of its release, and with them its updates and backports.
_go_sources() {
  local codename file
  codename=$(. /etc/os-release 2> /dev/null && echo "${VERSION_CODENAME-}")
  [[ -n $codename ]] || return 1
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ -r $file ]] || continue
    awk -v c="$codename" '$1 == "deb" { for (i = 3; i <= NF; i++) if ($i == c) {
        print; $i = c "-updates"; print; $i = c "-backports"; print; break } }' "$file"
  done > "$1/machine.list"
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -r $file ]] || continue
    awk -v c="$codename" 'BEGIN { RS = ""; ORS = "\n\n" } {
        n = split($0, line, "\n"); ours = 0; all = ""
        for (i = 1; i <= n; i++) {
          if (line[i] ~ /^Suites:/ && index(substr(line[i], 8) " ", " " c " ")) {
            line[i] = "Suites: " c " " c "-updates " c "-backports"; ours = 1
          }
          all = all line[i] "\n"
        }
        if (ours) print all }' "$file"
  done > "$1/machine.sources"
  [[ -s $1/machine.list || -s $1/machine.sources ]]
}

# _go_fetch FOLDER: gets the newest Go that the mirror has; go_why says what went wrong. A minute or so at most.
_go_fetch() {
  local folder=$1 work=$1.new version
  if ! command -v apt-get > /dev/null || ! command -v dpkg > /dev/null; then
    go_why="there is no apt to fetch it with"
    return 1
  fi
  rm -rf "$work"
  mkdir -p "$work"/apt/{lists/partial,archives/partial,sources} "$work/root" 2> /dev/null || {
    go_why="$folder cannot be written"
    return 1
  }
  if ! _go_sources "$work/apt/sources"; then
    go_why="apt has no sources for this release"
    return 1
  fi
  local apt=(
    -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/apt/sources"
    -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt" -o "APT::Sandbox::User="
    -o "Acquire::Languages=none" -o "Acquire::Retries=1" -o "Acquire::http::Timeout=15" -o "Acquire::https::Timeout=15"
  )
  # Its exit code tells of any source that fails; what counts is what is there afterwards.
  timeout 45 apt-get "${apt[@]}" update > "$work/apt/log" 2>&1 || true
  version=$(apt-cache "${apt[@]}" pkgnames golang-1. 2> /dev/null |
    sed -n 's/^golang-1\.\([0-9]*\)-go$/\1/p' | sort -n | tail -n 1)
  if [[ -z $version ]] || ((version < go_min)); then
    go_why="the mirror has no go >= 1.$go_min${version:+, only 1.$version}, or cannot be reached"
    return 1
  fi
  if ! (cd "$work/apt" && timeout 75 apt-get "${apt[@]}" download "golang-1.$version-go" "golang-1.$version-src") >> "$work/apt/log" 2>&1; then
    go_why="golang-1.$version could not be downloaded"
    return 1
  fi
  local package
  for package in "$work"/apt/*.deb; do
    dpkg -x "$package" "$work/root" 2> /dev/null || {
      go_why="${package##*/} could not be unpacked"
      return 1
    }
  done
  rm -rf "$folder"
  # Complete or not there.
  mv "$work/root" "$folder" && rm -rf "$work"
}

# _go_none WHY: there is none that fits.
_go_none() {
  if [[ ${JENNY_CI_GO-} == 1.* ]]; then
    echo "ci: no go >= 1.$go_min, which JENNY_CI_GO=$JENNY_CI_GO asks for: $1" >&2
    return 2
  fi
  echo "ci: skipped: no go >= 1.$go_min, and $1: what asks Go's tools is left out"
  return 1
}

# _go_tests: the test classes that ask Go's tools.
_go_tests() {
  (cd "$(dirname "${BASH_SOURCE[0]}")/.." &&
    grep -rl --include='*Test.java' '@Tag("tools")' ./*/src/test | sed 's|.*/||; s|\.java$||' | sort | paste -sd ' ')
}

go_verdict() {
  if [[ -n $go_found ]]; then
    echo "judged by the tools of Go $go_found"
  else
    echo "judged by no Go: skipped were the tests tagged tools ($(_go_tests)) and, in stage inspect, go tool pprof and go tool trace"
  fi
}

find_go() {
  local root folder candidate
  if [[ ${JENNY_CI_GO-} =~ ^1\.([0-9]+)(\.[0-9]+)?$ ]]; then
    if ((BASH_REMATCH[1] > go_min)); then go_min=${BASH_REMATCH[1]}; fi
  elif [[ -n ${JENNY_CI_GO-} && $JENNY_CI_GO != off ]]; then
    echo "ci: JENNY_CI_GO=$JENNY_CI_GO is neither off nor a version such as 1.27" >&2
    return 2
  fi
  root=$(cd -P -- "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  folder=$root/target/go
  go_why="it could not be unpacked"
  local candidates=()
  candidate=$(command -v go) && candidates+=("$candidate")
  candidates+=(${GOROOT:+"$GOROOT/bin/go"} /usr/local/go/bin/go /usr/lib/go-1.*/bin/go "$folder"/usr/lib/go-1.*/bin/go)
  for candidate in "${candidates[@]}"; do
    if [[ $candidate == "$(command -v go)" ]] && _go_fits "$candidate"; then
      go_found=$go_version
      echo "ci: Go $go_version"
      return 0
    fi
    if _go_take "$candidate"; then
      go_found=$go_version
      echo "ci: Go $go_version in ${candidate%/bin/go}"
      return 0
    fi
  done
  if [[ ${JENNY_CI_GO-} == off ]]; then
    _go_none "JENNY_CI_GO=off"
    return
  fi
  echo "ci: fetching Go …"
  if _go_fetch "$folder"; then
    for candidate in "$folder"/usr/lib/go-1.*/bin/go; do
      if _go_take "$candidate"; then
        go_found=$go_version
        echo "ci: Go $go_version in ${candidate%/bin/go}"
        return 0
      fi
    done
    go_why="what was fetched does not run"
  fi
  rm -rf "$folder.new"
  _go_none "$go_why"
}
