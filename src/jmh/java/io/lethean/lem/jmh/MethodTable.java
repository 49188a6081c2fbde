package io.lethean.lem.jmh;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Times of several methods that do the same work, by the clock and by the processor, and their ratios within each round. Other
 * processes change the processor time less.
 */
final class MethodTable {

    private static final double NANOS = 1e9;

    private record Times(Seconds wall, Seconds processor) {}

    private final Map<String, Map<String, Times>> works = new LinkedHashMap<>();

    interface Work {
        void run() throws Exception;
    }

    /** Does the work and prints the time, and the processor time of the process that does it. */
    void measure(String workName, String method, ProcessHandle process, Work work) throws Exception {
        Times times = works.computeIfAbsent(workName, name -> new LinkedHashMap<>())
                .computeIfAbsent(method, name -> new Times(new Seconds(), new Seconds()));
        double before = processorSeconds(process);
        times.wall.measure(() -> {
            work.run();
            return true;
        });
        times.processor.add(processorSeconds(process) - before);
        System.out.printf(
                Locale.ROOT,
                "%-12s %-40s %6.1f s  processor %6.1f s%n",
                workName,
                method,
                times.wall.last(),
                times.processor.last());
    }

    private static double processorSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow().toNanos() / NANOS;
    }

    /** Prints medians, and how one method's time is related to that of the others. */
    void print(String method) {
        System.out.println(
                "Medians; the ratios are " + method + " / this method in the same round, median [least, largest]");
        works.forEach((work, methods) -> methods.forEach((name, times) -> System.out.printf(
                Locale.ROOT,
                "%-12s %-40s %6.1f s  ratio %s  of processor time %s%n",
                work,
                name,
                times.wall.median(),
                methods.get(method).wall.ratioTo(times.wall),
                methods.get(method).processor.ratioTo(times.processor))));
    }
}
