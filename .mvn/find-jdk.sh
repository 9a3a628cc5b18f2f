# Finds a JDK that can build and run Jenny. Sourced by ./mvnw and ./jenny; POSIX sh, so that any shell can source it.
#
#   find_jdk    sets JDK_HOME and JDK_VERSION (such as 25.0.3), or prints one sentence to stderr and returns 1
#
# Versions come from the `release` file that every JDK carries: starting a JVM for each candidate would cost ./jenny
# more than the program it runs. The first rule that yields a JDK wins:
#   1. JENNY_JAVA_HOME (an explicit wish: if it does not fit, that is an error, not a reason to look elsewhere)
#   2. JAVA_HOME
#   3. `java` on the PATH
#   4. the jdkHome entries of ~/.m2/toolchains.xml
#   5. the folders that package managers and JDK tools install to
# Within rules 4 and 5 the best one wins: 25 before anything newer (it is what Jenny is tested on), a release before an
# early-access build, a newer update before an older one.

JDK_MIN=25

# _jdk_probe HOME: sets _jdk_full (25.0.3) and _jdk_rank (a number, higher is better); fails if HOME is no usable JDK.
_jdk_probe() {
  # A JRE has no javac, and Jenny compiles source files.
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  _jdk_full= _jdk_runtime=
  if [ -r "$1/release" ]; then
    while IFS='=' read -r _jdk_key _jdk_value || [ -n "$_jdk_key" ]; do
      _jdk_value=${_jdk_value#\"}
      _jdk_value=${_jdk_value%%\"*}
      case $_jdk_key in
        JAVA_VERSION) _jdk_full=$_jdk_value ;;
        JAVA_RUNTIME_VERSION) _jdk_runtime=$_jdk_value ;;
      esac
    done < "$1/release"
  fi
  if [ -z "$_jdk_full" ]; then
    # No release file: ask the JVM. The line reads: openjdk version "25.0.3" 2026-04-21
    _jdk_full=$("$1/bin/java" -version 2>&1 | sed -n 's/^[^"]* version "\([^"]*\)".*/\1/p' | head -n 1)
    _jdk_runtime=$_jdk_full
  fi
  _jdk_rest=${_jdk_full%%[!0-9.]*} # 26-ea -> 26, 1.8.0_402 -> 1.8.0
  _jdk_feature=${_jdk_rest%%.*}
  [ -n "$_jdk_feature" ] && [ "$_jdk_feature" -ge "$JDK_MIN" ] || return 1
  case $_jdk_full$_jdk_runtime in
    *-ea* | *-internal* | *-beta*) _jdk_rank=1 ;;
    *) if [ "$_jdk_feature" -eq "$JDK_MIN" ]; then _jdk_rank=3; else _jdk_rank=2; fi ;;
  esac
  _jdk_parts=0
  while [ "$_jdk_parts" -lt 4 ]; do # feature.interim.update.patch
    _jdk_part=${_jdk_rest%%.*}
    _jdk_rank=$((_jdk_rank * 1000 + ${_jdk_part:-0}))
    case $_jdk_rest in *.*) _jdk_rest=${_jdk_rest#*.} ;; *) _jdk_rest= ;; esac
    _jdk_parts=$((_jdk_parts + 1))
  done
}

# _jdk_take HOME: the first fitting one wins.
_jdk_take() {
  _jdk_probe "$1" || return 1
  JDK_HOME=$1 JDK_VERSION=$_jdk_full
}

# _jdk_better HOME...: the best of all fitting ones wins. Globs that match nothing come in as they are and do not exist.
_jdk_better() {
  for _jdk_home in "$@"; do
    if _jdk_probe "$_jdk_home" && [ "$_jdk_rank" -gt "$_jdk_best" ]; then
      _jdk_best=$_jdk_rank JDK_HOME=$_jdk_home JDK_VERSION=$_jdk_full
    fi
  done
}

_jdk_from_path() {
  _jdk_java=$(command -v java) || return 1
  _jdk_real=$(readlink -f "$_jdk_java" 2> /dev/null) || _jdk_real=$_jdk_java
  _jdk_home=${_jdk_real%/bin/java}
  if [ ! -f "$_jdk_home/release" ]; then
    # A shim of a version manager, or macOS's /usr/bin/java: only the JVM behind it knows where it lives.
    _jdk_home=$("$_jdk_java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p') || return 1
  fi
  [ -n "$_jdk_home" ] && _jdk_take "$_jdk_home"
}

_jdk_from_toolchains() {
  _jdk_file=${MAVEN_USER_HOME:-${HOME:-}/.m2}/toolchains.xml
  [ -r "$_jdk_file" ] || return 1
  _jdk_best=0
  _jdk_list=$(sed -n 's:.*<jdkHome>[[:space:]]*\(.*[^[:space:]]\)[[:space:]]*</jdkHome>.*:\1:p' "$_jdk_file")
  while IFS= read -r _jdk_line; do
    case $_jdk_line in '${user.home}'*) _jdk_line=${HOME:-}${_jdk_line#'${user.home}'} ;; esac
    [ -z "$_jdk_line" ] || _jdk_better "$_jdk_line"
  done << LIST
$_jdk_list
LIST
  [ "$_jdk_best" -gt 0 ]
}

_jdk_from_folders() {
  _jdk_best=0
  _jdk_better /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/*jdk* /opt/*/*jdk* /usr/local/*jdk*
  [ -z "${HOME:-}" ] || _jdk_better "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.jbang/cache/jdks/* \
    "$HOME"/.local/share/mise/installs/java/* "$HOME"/.asdf/installs/java/* "$HOME"/.gradle/jdks/*
  _jdk_better /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk* /usr/local/opt/openjdk* /home/linuxbrew/.linuxbrew/opt/openjdk*
  [ "$_jdk_best" -gt 0 ]
}

find_jdk() {
  JDK_HOME= JDK_VERSION=
  if [ -n "${JENNY_JAVA_HOME:-}" ]; then
    _jdk_take "$JENNY_JAVA_HOME" && return 0
    echo "jenny: JENNY_JAVA_HOME=$JENNY_JAVA_HOME is not a JDK $JDK_MIN or newer: point it at one, or unset it" \
      "and one is searched for." >&2
    return 1
  fi
  { [ -n "${JAVA_HOME:-}" ] && _jdk_take "$JAVA_HOME"; } || _jdk_from_path || _jdk_from_toolchains ||
    _jdk_from_folders || {
    echo "jenny: needs a JDK $JDK_MIN or newer, and found none: install one (for instance from https://adoptium.net," \
      "or with 'sdk install java $JDK_MIN-tem'), or set JENNY_JAVA_HOME to the folder of one you have." >&2
    return 1
  }
}
