# Sourced by scripts that run classes of src/jmh, from the project's folder.

JAVA_HOME=$(scripts/find-jdk)
export JAVA_HOME

# Builds llama.cpp (arguments as for native/build.sh) and the classes; sets libraries to the folder of llama.cpp.
prepare_benchmarks() {
    libraries=$(native/build.sh "$@")
    mvn -B -q -f build/pom.xml -Pjmh -pl jmh -am compile
    classes=build/jmh/target/classes:$(cat build/jmh/target/jmh.classpath)
}

# Runs a class with arguments.
benchmark() {
    "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "-Dlem.native.path=$libraries" -cp "$classes" "$@"
}
