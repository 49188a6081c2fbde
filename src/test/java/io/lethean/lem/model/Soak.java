package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * A process in which many threads ask one small model for everything that the library does, in random order, and leave their
 * calls in every way. Arguments: a folder for its files, requests, those after which memory is first looked at, a seed.
 *
 * <p>At the end no caller may wait, memory, files and threads must be what they were after the first requests, and the model
 * must answer as one that was just loaded. Prints what it found; the last line is {@code PASSED} or {@code FAILED}.
 */
final class Soak {

    static final String TEMPLATE = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}"
            + "{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
    static final int CONTEXT = 512;

    private static final int CALLERS = 24;
    private static final int PARALLEL = 4;

    /** Fewer calls than callers, so that some are refused. */
    private static final int MAX_CALLS = 12;

    private static final int STUCK_SECONDS = 60;

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int READINGS = 3;

    /** What was leaked stays however long one waits. */
    private static final int MORE_READINGS = 60;

    /** More than the JIT compiler's own growth, and less than 2 KB for each request of the long form. */
    private static final long MORE_NATIVE = 16L << 20;

    private static final long MORE_HEAP = 8L << 20;

    private final Path folder;
    private final long seed;
    private final List<String> faults = new ArrayList<>();
    private final SoakCounts counts = new SoakCounts();

    private Soak(Path folder, long seed) {
        this.folder = folder;
        this.seed = seed;
    }

    public static void main(String[] arguments) throws Exception {
        int requests = Integer.parseInt(arguments[1]);
        int first = Integer.parseInt(arguments[2]);
        Soak soak = new Soak(Files.createDirectories(Path.of(arguments[0])), Long.parseLong(arguments[3]));
        soak.run(first, requests);
        soak.faults.forEach(fault -> System.out.println("FAULT " + fault));
        System.out.println(soak.faults.isEmpty() ? "PASSED" : "FAILED");
        // A caller that is stuck would keep the process alive.
        Runtime.getRuntime().halt(soak.faults.isEmpty() ? 0 : 1);
    }

    private void run(int first, int requests) throws Exception {
        Path file = folder.resolve("soak.gguf");
        RandomModel.llama(2, 64, 4, 2, 128, 500).chatTemplate(TEMPLATE).write(file, 3);
        List<Path> adapters = List.of(
                RandomAdapter.write(folder.resolve("one.gguf"), file, 0.05, 1),
                RandomAdapter.write(folder.resolve("two.gguf"), file, 0.05, 2));
        try (LemModel model = load(file)) {
            List<Generation> before = answers(model);
            List<ExecutorService> threads =
                    List.of(Executors.newVirtualThreadPerTaskExecutor(), Executors.newFixedThreadPool(CALLERS / 2));
            List<SoakCaller> callers = IntStream.range(0, CALLERS)
                    .mapToObj(number -> new SoakCaller(model, folder, adapters, counts, seed + number))
                    .toList();
            callTogether(threads, callers, first);
            ProcessMemory early = settled(model);
            System.out.println("after " + first + " requests: " + early);
            callTogether(threads, callers, requests - first);
            ProcessMemory late = settled(model);
            System.out.println("after " + requests + " requests: " + late);
            for (int i = 0; i < MORE_READINGS && late.allocated() - early.allocated() > MORE_NATIVE; i++) {
                Thread.sleep(SECOND);
                late = ProcessMemory.now();
                System.out.println("and " + (i + 1) + " s later: " + late);
            }
            System.out.println(counts);
            faults.addAll(counts.faults());
            compare(early, late);
            requireSame("before the requests", answers(model), before);
            try (LemModel fresh = load(file)) {
                requireSame("a fresh model", answers(model), answers(fresh));
            }
        }
    }

    private static LemModel load(Path file) throws IOException {
        return LemModel.load(
                file,
                ModelOptions.builder()
                        .device("cpu")
                        .threads(1)
                        .contextTokens(CONTEXT)
                        .parallel(PARALLEL)
                        .heldPrompts(2)
                        .maxCalls(MAX_CALLS)
                        .build());
    }

    /** Has every caller make its share of requests; a caller that does not come back is a fault. */
    private void callTogether(List<ExecutorService> threads, List<SoakCaller> callers, int requests)
            throws InterruptedException, ExecutionException {
        long start = System.nanoTime();
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < callers.size(); i++) {
            SoakCaller caller = callers.get(i);
            int share = requests / CALLERS + (i < requests % CALLERS ? 1 : 0);
            ends.add(threads.get(i % threads.size()).submit(() -> caller.call(share)));
        }
        for (Future<?> end : ends) {
            awaitProgress(end);
        }
        System.out.printf(Locale.ROOT, "%d requests in %.1f s%n", requests, (System.nanoTime() - start) / 1e9);
    }

    private void awaitProgress(Future<?> end) throws InterruptedException, ExecutionException {
        while (true) {
            int done = counts.total();
            try {
                end.get(STUCK_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException late) {
                if (counts.total() == done) {
                    faults.add("callers are stuck after " + done + " requests");
                    Thread.getAllStackTraces()
                            .forEach((thread, stack) -> System.out.println(thread + " " + List.of(stack)));
                    throw new IllegalStateException("A caller is stuck; see above where the threads are.", late);
                }
            }
        }
    }

    /**
     * What the process takes once every adapter and every other context is gone. The JIT compiler can take 25 MB for a method,
     * and the JVM keeps them for seconds after it, so this is the reading with the fewest allocated bytes.
     */
    private static ProcessMemory settled(LemModel model) throws IOException, InterruptedException {
        model.setAdapters(List.of());
        model.generate("The end.", GenerationOptions.builder().maxTokens(1).build());
        ProcessMemory least = ProcessMemory.now();
        for (int i = 1; i < READINGS; i++) {
            Thread.sleep(SECOND);
            ProcessMemory reading = ProcessMemory.now();
            least = reading.allocated() < least.allocated() ? reading : least;
        }
        return least;
    }

    private void compare(ProcessMemory early, ProcessMemory late) {
        requireAtMost("heap", late.heap() - early.heap(), MORE_HEAP);
        requireAtMost("allocated natively", late.allocated() - early.allocated(), MORE_NATIVE);
        if (late.files() != early.files()) {
            faults.add(early.files() + " files were open, and now " + late.files());
        }
        if (late.threads() > early.threads()) {
            faults.add("there were " + early.threads() + " threads, and now there are " + late.threads());
        }
    }

    private void requireAtMost(String what, long more, long bound) {
        System.out.printf(Locale.ROOT, "%s: %+.2f MB, bound %.0f MB%n", what, more / 1e6, bound / 1e6);
        if (more > bound) {
            faults.add(what + " grew by " + more + " bytes");
        }
    }

    private static List<Generation> answers(LemModel model) {
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(24).logprobs(3).build();
        List<Generation> answers = new ArrayList<>();
        for (String text : List.of("Who are you?", "What is kindness, and what is it for? ".repeat(8), "x")) {
            answers.add(model.chat(List.of(Message.user(text)), options));
            answers.add(model.generate(text, options));
        }
        return answers;
    }

    private void requireSame(String as, List<Generation> answers, List<Generation> expected) {
        for (int i = 0; i < answers.size(); i++) {
            boolean same = answers.get(i).tokens().equals(expected.get(i).tokens())
                    && answers.get(i).logprobs().equals(expected.get(i).logprobs());
            if (!same) {
                faults.add("answer " + i + " differs from that of " + as);
            }
        }
        System.out.println(answers.size() + " answers compared with " + as);
    }
}
