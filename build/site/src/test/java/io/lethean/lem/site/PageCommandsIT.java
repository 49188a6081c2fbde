package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lethean.lem.site.Block.Mark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs every {@code sh} block of every page against the built command, in the order of the page, in a fresh folder for each page.
 * What a page says about its blocks is in comments, see {@link Blocks}.
 */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD)
class PageCommandsIT {

    private static final int SECONDS = 400;
    /** The system may have lent the port to another test for a while. */
    private static final String PORT_TAKEN = "The server cannot listen on ";

    private static final List<Process> BACKGROUND = new ArrayList<>();

    @TestFactory
    Stream<DynamicContainer> pages() {
        List<String> faults = new ArrayList<>();
        Map<Page, List<Block>> blocks = new LinkedHashMap<>();
        for (Page page : Repository.read(Path.of("")).pages()) {
            List<Block> ofPage = Blocks.of(page, faults::add);
            if (ofPage.stream().anyMatch(block -> block.language().equals(Block.SHELL) && !block.isLeftOut())) {
                blocks.put(page, ofPage);
            }
        }
        assertThat(faults).isEmpty();
        assertThat(blocks).hasSizeGreaterThan(10);
        return blocks.entrySet().stream().map(entry -> container(entry.getKey(), entry.getValue()));
    }

    @AfterAll
    static void end() {
        BACKGROUND.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        });
    }

    private static DynamicContainer container(Page page, List<Block> blocks) {
        PageRun run = new PageRun(page);
        Stream<DynamicTest> tests = blocks.stream()
                .filter(block ->
                        block.language().equals(Block.SHELL) && !block.isLeftOut() || block.has(Mark.Output.class))
                .map(block -> DynamicTest.dynamicTest(block.place(), () -> run.take(block)));
        return DynamicContainer.dynamicContainer(page.source(), tests);
    }

    /** The commands of one page, and what the last of them printed. */
    private static final class PageRun {

        private final Page page;
        private WorkFolder folder;
        private String printed = "";
        private int number;

        private PageRun(Page page) {
            this.page = page;
        }

        private void take(Block block) throws Exception {
            if (folder == null) {
                folder = WorkFolder.of(page.output().replace(".html", ""));
            }
            if (block.has(Mark.Output.class)) {
                assertThat(Printed.missing(block.text(), printed))
                        .as("a line that %s shows and that was not printed; printed was:%n%s", block.place(), printed)
                        .isEmpty();
                return;
            }
            List<Mark.Background> background = block.marks(Mark.Background.class);
            if (background.isEmpty()) {
                run(block.place(), block.setup() + block.runText());
            } else {
                start(block, background.getFirst().until());
            }
        }

        private Process bash(String script, Path output) throws IOException {
            ProcessBuilder builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                    .directory(folder.path().toFile())
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile());
            folder.putEnvironment(builder.environment());
            return builder.start();
        }

        private Path output() {
            number++;
            return folder.path().resolve(".output-" + number);
        }

        private void run(String place, String script) throws Exception {
            Path output = output();
            long start = System.nanoTime();
            Process process = bash(script, output);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                fail(place + " runs for more than " + SECONDS + " s:\n" + script + "\nprinted:\n"
                        + Files.readString(output));
            }
            printed = Files.readString(output);
            System.out.println(place + ": " + (System.nanoTime() - start) / 1_000_000 + " ms");
            assertThat(process.exitValue())
                    .as("%s fails:%n%s%nprinted:%n%s", place, script, printed)
                    .isZero();
        }

        private void start(Block block, String until) throws Exception {
            Path output = output();
            Process process = startInBackground(block, output);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (true) {
                boolean alive = process.isAlive();
                printed = Files.readString(output);
                if (printed.contains(until)) {
                    return;
                }
                if (System.nanoTime() > end || !alive && !printed.contains(PORT_TAKEN)) {
                    fail(block.place() + " did not print '" + until + "':\n" + printed);
                }
                TimeUnit.MILLISECONDS.sleep(alive ? 50 : 1000);
                if (!alive) {
                    process = startInBackground(block, output);
                }
            }
        }

        private Process startInBackground(Block block, Path output) throws IOException {
            Process process = bash(block.setup() + block.runText(), output);
            BACKGROUND.add(process);
            return process;
        }
    }
}
