# Sourced by scripts that run classes of src/jmh, from the project's folder.

JAVA_HOME=$(scripts/find-jdk)
export JAVA_HOME

# Builds llama.cpp (arguments as for native/build.sh) and the classes; sets libraries to the folder of llama.cpp.
prepare_benchmarks() {
    libraries=$(native/build.sh "$@")
    mvn -B -q -Pjmh test-compile
    classes=target/classes:target/jmh-classes:$(cat target/jmh.classpath)
}

# Runs a class with arguments.
benchmark() {
    "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "-Dlem.native.path=$libraries" -cp "$classes" "$@"
}
