package io.lethean.lem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/check-words}, in a small project with the rules of this one. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no POSIX shell")
class CheckWordsTest {

    private static final String NEW_CODE = "src/main/java/a/b/New.java";

    @TempDir
    private Path project;

    private record Checked(int exitCode, String output) {}

    @BeforeEach
    void copyTheScript() throws IOException {
        for (String name : new String[] {"check-words", "words.txt"}) {
            write("scripts/" + name, Files.readString(Path.of("scripts", name)));
        }
        assertThat(project.resolve("scripts/check-words").toFile().setExecutable(true))
                .isTrue();
        unchecked("");
    }

    @Test
    void plainEnglish_passes() throws Exception {
        write(NEW_CODE, "/** There is no model. */\nString whose = \"It is no longer held.\"; // The file is empty.\n");
        write("README.md", "A file of `whose` owner.\n");

        assertThat(check()).isEqualTo(new Checked(0, ""));
    }

    @Test
    void commentsAndMessagesOfMainCode_areChecked() throws Exception {
        write(
                NEW_CODE,
                "/** A file\n * whose end is cut. */\nint beside = 1;\nfail(\"It is no model\"); // made anew\n");

        assertThat(check()).isEqualTo(new Checked(1, """
                        src/main/java/a/b/New.java:2: whose -> "with the ...", "of which the ...", or a new sentence
                        src/main/java/a/b/New.java:4: is no model -> "is not a ..."; "is NaN or infinite" (no number)
                        src/main/java/a/b/New.java:4: anew -> again
                        """));
    }

    @Test
    void phraseOverALineBreak_isFoundOnItsLastLine() throws Exception {
        write(NEW_CODE, "// The run goes\n// on.\nfail(\"the run goes\"\n        + \" on\");\n");
        write("notes.md", "The run goes\non.\n\nThe run goes\n\non.\n");

        assertThat(check().output())
                .contains("New.java:2: goes on ->", "New.java:4: goes on ->", "notes.md:2: goes on ->")
                .hasLineCount(3);
    }

    @Test
    void literalsOfTestsAndOtherStatements_areLeftOut() throws Exception {
        write("src/test/java/a/b/NewTest.java", "String text = \"whose\";\n// The data goes to disk.\n");
        write(NEW_CODE, "call(\"goes\");\ncall(\"on\");\nchar quote = '\"'; int whose = 1;\n");

        assertThat(check()).isEqualTo(new Checked(0, ""));
    }

    @Test
    void packageOnTheList_isCountedUntilItIsClean() throws Exception {
        write("src/main/java/a/old/Old.java", "// whose\n");
        write("src/test/java/a/old/OldTest.java", "// whose\n");
        unchecked("a/old\n");
        assertThat(check()).isEqualTo(new Checked(0, ""));
        assertThat(check("src/main/java/a/old").output()).startsWith("src/main/java/a/old/Old.java:1: whose -> ");

        write("src/main/java/a/old/Old.java", "// with the\n");
        write("src/test/java/a/old/OldTest.java", "// with the\n");
        assertThat(check())
                .isEqualTo(new Checked(
                        1, "check-words: a/old has no findings; remove it from scripts/words-unchecked.txt\n"));
    }

    @Test
    void markedLine_isSkipped() throws Exception {
        write("notes.md", "Whose words? <!-- words:ok -->\n");

        assertThat(check()).isEqualTo(new Checked(0, ""));
    }

    @Test
    void ruleThatMissesItsExample_isAnError() throws Exception {
        write("scripts/words.txt", "find: anew\nwrite: again\nbad: made again\n");

        assertThat(check())
                .isEqualTo(new Checked(
                        1,
                        "check-words: scripts/words.txt: the bad example \"made again\" is not found by its rule\n"));
    }

    private void unchecked(String list) throws IOException {
        write("scripts/words-unchecked.txt", list);
    }

    private void write(String name, String text) throws IOException {
        Path file = project.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Checked check(String... paths) throws Exception {
        Path output = project.resolve("target/output");
        Files.createDirectories(output.getParent());
        List<String> command =
                new ArrayList<>(List.of(project.resolve("scripts/check-words").toString()));
        command.addAll(List.of(paths));
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Checked(process.exitValue(), Files.readString(output));
    }
}
