# Sourced by ./asyncio and ./verify; bash 3.2 is enough. find_jdk25 sets JDK25 to the home of a JDK 25, or prints
# one line and returns 1. It starts no JVM: the file "release" of a JDK names its version.

is_jdk25() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  local line
  while IFS= read -r line; do
    case $line in
      'JAVA_VERSION="25"'* | 'JAVA_VERSION="25.'*) return 0 ;;
    esac
  done <"$1/release"
  return 1
}

# The home of the java on PATH, which is often a link to a link.
home_of_path_java() {
  local file link
  file=$(command -v java) || return 1
  while [ -L "$file" ]; do
    link=$(readlink "$file")
    case $link in
      /*) file=$link ;;
      *) file=${file%/*}/$link ;;
    esac
  done
  file=${file%/*}
  echo "${file%/*}"
}

find_jdk25() {
  local home
  if [ -n "${ASYNCIO_JAVA_HOME:-}" ]; then
    JDK25=$ASYNCIO_JAVA_HOME
    is_jdk25 "$JDK25" && return 0
    echo "asyncio: ASYNCIO_JAVA_HOME is not the home of a JDK 25: $ASYNCIO_JAVA_HOME" >&2
    return 1
  fi
  if [ -n "${JAVA_HOME:-}" ] && is_jdk25 "$JAVA_HOME"; then
    JDK25=$JAVA_HOME
    return 0
  fi
  for home in "$(home_of_path_java)" /usr/lib/jvm/* /usr/java/* /opt/* "${HOME:-}"/.sdkman/candidates/java/* \
    "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if is_jdk25 "$home"; then
      JDK25=$home
      return 0
    fi
  done
  echo "asyncio: needs a JDK 25 and found none; install one (for example Temurin 25) and set JAVA_HOME or ASYNCIO_JAVA_HOME to its directory" >&2
  return 1
}

# Only a build needs Maven: a missing one is said when it is missed.
find_maven() {
  command -v mvn >/dev/null && return 0
  echo "asyncio: needs Maven 3.8.7 or newer to build and found no mvn on PATH; install it and try again" >&2
  return 1
}
