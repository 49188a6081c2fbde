package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The {@code lem} script and {@code scripts/aot-cache} with the real JVM and a module of two classes in place of the command. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a shell script")
class AotCacheScriptIT {

    private static final Path JDK = Path.of(System.getProperty("java.home"));
    private static final String FROM_CACHE = "io.lethean.lem.cli.Lem source: shared objects file";
    private static final String OUTPUT = "result generate\n";

    @TempDir
    private Path folder;

    private Path home;

    @BeforeEach
    void install() throws IOException {
        home = folder.resolve("install");
        for (String file : List.of("lem", "scripts/aot-cache")) {
            Files.createDirectories(home.resolve(file).getParent());
            Files.copy(Path.of(file), home.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.createDirectories(home.resolve("target/lib"));
        Files.writeString(home.resolve("target/lem.jar"), "");
        useJdk(JDK);
        module("io.lethean.lem", Map.of("module-info.java", "module io.lethean.lem { }"));
        module(
                "io.lethean.lem.cli",
                Map.of(
                        "module-info.java",
                        "module io.lethean.lem.cli { requires io.lethean.lem; }",
                        "io/lethean/lem/cli/Lem.java",
                        """
                package io.lethean.lem.cli;
                public class Lem {
                    public static void main(String[] arguments) { System.out.println("result " + arguments[0]); }
                }
                """,
                        "io/lethean/lem/cli/StartupTraining.java",
                        """
                package io.lethean.lem.cli;
                public class StartupTraining {
                    public static void main(String[] arguments) {
                        Lem.main(arguments);
                        System.exit(Boolean.getBoolean("failing") ? 3 : 0);
                    }
                }
                """));
    }

    private void module(String name, Map<String, String> sources) throws IOException {
        Path classes = folder.resolve(name);
        List<String> command = new ArrayList<>(List.of(
                "-d", classes.toString(), "-p", home.resolve("target/lib").toString()));
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = folder.resolve("source-" + name).resolve(source.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, source.getValue());
            command.add(file.toString());
        }
        run("javac", command.toArray(String[]::new));
        Path jar = home.resolve("target/lib/" + name + ".jar");
        run("jar", "--create", "--file", jar.toString(), "-C", classes.toString(), ".");
    }

    private static void run(String tool, String... arguments) {
        assertThat(ToolProvider.findFirst(tool).orElseThrow().run(System.out, System.err, arguments))
                .isZero();
    }

    private Path jar() {
        return home.resolve("target/lib/io.lethean.lem.cli.jar");
    }

    private void useJdk(Path jdk) throws IOException {
        Files.writeString(home.resolve("scripts/find-jdk"), "#!/bin/sh\necho '" + jdk + "'\n");
        assertThat(home.resolve("scripts/find-jdk").toFile().setExecutable(true))
                .isTrue();
    }

    private ProcessBuilder lem(Map<String, String> environment, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", home.resolve("lem").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("LEM_JAVA_OPTS");
        builder.environment().remove("LEM_AOT");
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        builder.environment().putAll(environment);
        return builder;
    }

    private static String output(ProcessBuilder builder) throws IOException {
        return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Standard output and standard error together, as a command prints them. */
    private String generate(String... environment) throws IOException {
        return output(lem(environment.length == 0 ? Map.of() : Map.of(environment[0], environment[1]), "generate"));
    }

    private boolean loadsFromCache() throws IOException {
        return generate("LEM_JAVA_OPTS", "-Xlog:class+load").contains(FROM_CACHE);
    }

    private void make() throws IOException {
        assertThat(generate("LEM_AOT", "make")).isEmpty();
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private List<Path> caches() throws IOException {
        return filesIn(home.resolve("target/aot"));
    }

    /** The process that makes a cache runs on after the command. */
    private void awaitCaches(int count) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (caches().size() != count
                || !caches().stream().allMatch(file -> file.toString().endsWith(".aot"))) {
            assertThat(System.nanoTime()).as("caches: " + caches()).isLessThan(end);
            Thread.sleep(50);
        }
    }

    @Test
    void firstStart_makesTheCache_andLaterOnesUseIt() throws Exception {
        assertThat(generate()).isEqualTo(OUTPUT);
        awaitCaches(1);

        assertThat(loadsFromCache()).isTrue();
        assertThat(generate()).isEqualTo(OUTPUT);
        assertThat(caches()).hasSize(1);
    }

    @Test
    void make_makesItBeforeItReturns_andOnlyOnce() throws Exception {
        make();

        assertThat(caches()).hasSize(1);
        FileTime made = Files.getLastModifiedTime(caches().getFirst());
        assertThat(loadsFromCache()).isTrue();
        make();
        assertThat(Files.getLastModifiedTime(caches().getFirst())).isEqualTo(made);
    }

    @Test
    void off_startsWithoutIt() throws Exception {
        assertThat(generate("LEM_AOT", "off")).isEqualTo(OUTPUT);
        assertThat(caches()).isEmpty();
    }

    @Test
    void touchedJar_getsACacheOfItsOwn() throws Exception {
        make();
        Files.setLastModifiedTime(jar(), FileTime.fromMillis(1_000_000_000_000L));

        assertThat(generate()).isEqualTo(OUTPUT);
        awaitCaches(2);
        assertThat(loadsFromCache()).isTrue();
    }

    /** What the name does not tell, Java itself finds: no line of it is in the output. */
    @Test
    void staleCacheUnderTheRightName_spoilsNothing() throws Exception {
        make();
        Path old = Files.move(caches().getFirst(), folder.resolve("old.aot"));
        Files.setLastModifiedTime(jar(), FileTime.fromMillis(1_000_000_000_000L));
        make();
        Files.move(old, caches().getFirst(), StandardCopyOption.REPLACE_EXISTING);

        assertThat(loadsFromCache()).isFalse();
        assertThat(generate()).isEqualTo(OUTPUT);
    }

    @Test
    void cutOrForeignFile_spoilsNothing() throws Exception {
        make();
        Path cache = caches().getFirst();
        byte[] whole = Files.readAllBytes(cache);
        for (byte[] wrong : List.of(new byte[0], "not a cache".getBytes(StandardCharsets.UTF_8), cut(whole))) {
            Files.write(cache, wrong);
            assertThat(generate()).as(wrong.length + " bytes").isEqualTo(OUTPUT);
        }
    }

    private static byte[] cut(byte[] whole) {
        return java.util.Arrays.copyOf(whole, whole.length / 2);
    }

    @Test
    void anotherJdk_getsACacheOfItsOwn() throws Exception {
        make();
        Path other = Files.createDirectories(folder.resolve("jdk"));
        for (String name : List.of("bin", "lib", "conf")) {
            Files.createSymbolicLink(other.resolve(name), JDK.resolve(name));
        }
        Files.writeString(other.resolve("release"), "JAVA_VERSION=\"99\"\n");
        useJdk(other);

        assertThat(generate()).isEqualTo(OUTPUT);
        awaitCaches(2);
    }

    @Test
    void folderThatCannotBeWritten_theCacheIsThatOfTheUser() throws Exception {
        Files.writeString(home.resolve("target/aot"), "in the way");

        make();

        assertThat(filesIn(folder.resolve("cache/lem/aot"))).hasSize(1);
        assertThat(loadsFromCache()).isTrue();
    }

    @Test
    void noFolderAtAll_isASentenceWhenBuilding_andNothingLater() throws Exception {
        Files.writeString(home.resolve("target/aot"), "in the way");
        Files.writeString(folder.resolve("cache"), "in the way");

        assertThat(generate("LEM_AOT", "make"))
                .startsWith("lem: commands start without a cache, because neither ")
                .endsWith(" can be written.\n");
        assertThat(generate()).isEqualTo(OUTPUT);
    }

    @Test
    void failedTraining_isASentence_andIsNotTriedAtEachStart() throws Exception {
        assertThat(output(lem(Map.of("LEM_AOT", "make", "JAVA_TOOL_OPTIONS", "-Dfailing=true"), "generate")))
                .startsWith("lem: commands start without a cache, because the training run of " + JDK + " failed: ");
        List<Path> left = caches();
        assertThat(left).hasSize(1).first().asString().endsWith(".lock");
        make();
        assertThat(caches()).isEqualTo(left);

        Files.setLastModifiedTime(left.getFirst(), FileTime.fromMillis(1_000_000_000_000L));
        make();
        assertThat(caches()).hasSize(1).first().asString().endsWith(".aot");
    }

    @Test
    void processesAtOnce_makeOneCache_andEachHasItsResult() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(lem(Map.of(), "generate").start());
        }
        for (Process process : processes) {
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(OUTPUT);
        }
        awaitCaches(1);
        assertThat(loadsFromCache()).isTrue();
    }

    /** As one that looked for the cache before the other had made it. */
    @Test
    void processThatCameLate_makesNoSecondOne() throws Exception {
        make();
        Path cache = caches().getFirst();
        FileTime made = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(cache, made);
        String name = cache.getFileName().toString().replace(".aot", "");

        Process late = new ProcessBuilder(
                        "/bin/sh",
                        home.resolve("scripts/aot-cache").toString(),
                        name,
                        folder.resolve("cache").toString(),
                        JDK.toString(),
                        "-XX:+UseSerialGC")
                .redirectErrorStream(true)
                .start();

        assertThat(new String(late.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(late.waitFor()).isZero();
        assertThat(caches()).containsExactly(cache);
        assertThat(Files.getLastModifiedTime(cache)).isEqualTo(made);
    }

    @Test
    void ofManyCaches_fourStay() throws Exception {
        Path caches = Files.createDirectories(home.resolve("target/aot"));
        for (int i = 0; i < 6; i++) {
            Path old = Files.writeString(caches.resolve("old-" + i + ".aot"), "");
            Files.setLastModifiedTime(old, FileTime.fromMillis(1_000_000_000_000L + i * 60_000L));
        }

        make();

        assertThat(caches()).hasSize(4).contains(caches.resolve("old-5.aot"), caches.resolve("old-3.aot"));
    }
}
