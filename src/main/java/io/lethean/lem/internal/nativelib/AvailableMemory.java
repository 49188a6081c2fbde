package io.lethean.lem.internal.nativelib;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory this process may still take without swapping or being killed.
 *
 * <p>On Linux the smaller of what the kernel calls available and what the control groups above the process leave, files
 * cached by a group counting as free; on macOS the pages that {@code vm_stat} calls free, inactive, speculative or
 * purgeable; elsewhere what the processor's device reports.
 *
 * @param root the root of the file system, another one in tests
 */
public record AvailableMemory(Path root) {

    /** Of this machine. */
    public AvailableMemory() {
        this(Path.of("/"));
    }

    /** Bytes, or the given number where the system does not say. */
    public long bytes(long otherwise) {
        OptionalLong system = field("proc/meminfo", "MemAvailable:");
        if (system.isEmpty()) {
            return Math.min(otherwise, pagesOfMacOs(vmStat()).orElse(otherwise));
        }
        return Math.min(system.getAsLong() * 1024, groupBytes());
    }

    private List<String> vmStat() {
        Path command = root.resolve("usr/bin/vm_stat");
        if (!Files.isExecutable(command)) {
            return List.of();
        }
        try {
            Process process = new ProcessBuilder(command.toString())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader lines = process.inputReader()) {
                return lines.readAllLines();
            }
        } catch (IOException failed) {
            return List.of();
        }
    }

    /** The free bytes in the output of {@code vm_stat}; empty if it is not such an output. */
    static OptionalLong pagesOfMacOs(List<String> output) {
        Matcher size = Pattern.compile("page size of (\\d{1,9}) bytes").matcher(String.join("\n", output));
        if (!size.find()) {
            return OptionalLong.empty();
        }
        long pages = 0;
        for (String line : output) {
            Matcher count = Pattern.compile("Pages (?:free|inactive|speculative|purgeable): +(\\d{1,15})\\.")
                    .matcher(line);
            if (count.matches()) {
                pages += Long.parseLong(count.group(1));
            }
        }
        return OptionalLong.of(pages * Long.parseLong(size.group(1)));
    }

    private long groupBytes() {
        long least = Long.MAX_VALUE;
        for (String line : lines("proc/self/cgroup")) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[0].equals("0")) {
                least = Math.min(least, unifiedBytes(parts[2]));
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
                least = Math.min(least, separateBytes(parts[2]));
            }
        }
        return least;
    }

    /** Control groups version 2: every group on the way to the root may have a limit. */
    private long unifiedBytes(String group) {
        long least = Long.MAX_VALUE;
        for (Path path = Path.of("/").relativize(Path.of(group)); path != null; path = path.getParent()) {
            least = Math.min(least, left("sys/fs/cgroup/" + path, "memory.max", "memory.current", "inactive_file"));
        }
        return Math.min(least, left("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"));
    }

    /** Control groups version 1; inside a container the group's own files are at the top. */
    private long separateBytes(String group) {
        String limit = "memory.limit_in_bytes";
        String usage = "memory.usage_in_bytes";
        return Math.min(
                left("sys/fs/cgroup/memory" + group, limit, usage, "total_inactive_file"),
                left("sys/fs/cgroup/memory", limit, usage, "total_inactive_file"));
    }

    private long left(String group, String limitFile, String usageFile, String cachedField) {
        OptionalLong limit = number(group + "/" + limitFile);
        OptionalLong usage = number(group + "/" + usageFile);
        if (limit.isEmpty() || usage.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long cached = field(group + "/memory.stat", cachedField).orElse(0);
        return Math.max(0, limit.getAsLong() - usage.getAsLong() + cached);
    }

    private OptionalLong number(String file) {
        return lines(file).stream().findFirst().map(AvailableMemory::parse).orElse(OptionalLong.empty());
    }

    private OptionalLong field(String file, String name) {
        return lines(file).stream()
                .map(line -> line.trim().split("\\s+"))
                .filter(words -> words.length >= 2 && words[0].equals(name))
                .findFirst()
                .map(words -> parse(words[1]))
                .orElse(OptionalLong.empty());
    }

    private static OptionalLong parse(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text.trim()));
        } catch (NumberFormatException unlimited) {
            return OptionalLong.empty();
        }
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (IOException absent) {
            return List.of();
        }
    }
}
