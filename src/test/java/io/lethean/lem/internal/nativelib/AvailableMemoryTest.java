package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvailableMemoryTest {

    @TempDir
    private Path root;

    @BeforeEach
    void machineWith8GiBAvailable() throws IOException {
        write("proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private long bytes() {
        return new AvailableMemory(root).bytes(-1);
    }

    @Test
    void withoutLimits_itIsWhatTheKernelCallsAvailable() {
        assertThat(bytes()).isEqualTo(8L << 30);
    }

    @Test
    void elsewhere_itIsTheGivenNumber() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));
        assertThat(bytes()).isEqualTo(-1);
    }

    /** As macOS 15 prints it. */
    private static final String VM_STAT = """
            Mach Virtual Memory Statistics: (page size of 16384 bytes)
            Pages free:                               10000.
            Pages active:                            400000.
            Pages inactive:                           20000.
            Pages speculative:                         3000.
            Pages throttled:                              0.
            Pages wired down:                        100000.
            Pages purgeable:                            400.
            "Translation faults":                 123456789.
            """;

    @Test
    void onMacOs_itIsWhatTheSystemCanFree_andNoMoreThanThereIs() throws IOException {
        assertThat(AvailableMemory.pagesOfMacOs(VM_STAT.lines().toList())).hasValue(33_400L * 16384);
        assertThat(AvailableMemory.pagesOfMacOs(List.of("vm_stat: not found"))).isEmpty();
        Files.delete(root.resolve("proc/meminfo"));
        write("usr/bin/vm_stat", "#!/bin/sh\ncat <<'END'\n" + VM_STAT + "END\n");
        assertThat(root.resolve("usr/bin/vm_stat").toFile().setExecutable(true)).isTrue();
        assertThat(new AvailableMemory(root).bytes(Long.MAX_VALUE)).isEqualTo(33_400L * 16384);
        assertThat(new AvailableMemory(root).bytes(1000)).isEqualTo(1000);
    }

    @Test
    void aGroupsLimit_countsLessWhatItUses_cachedFilesAside() throws IOException {
        write("proc/self/cgroup", "0::/app\n");
        write("sys/fs/cgroup/app/memory.max", "1000000\n");
        write("sys/fs/cgroup/app/memory.current", "400000\n");
        write("sys/fs/cgroup/app/memory.stat", "anon 300000\ninactive_file 50000\n");
        assertThat(bytes()).isEqualTo(650_000);
    }

    @Test
    void aLimitOfAGroupAbove_countsToo() throws IOException {
        write("proc/self/cgroup", "0::/slice/app\n");
        write("sys/fs/cgroup/slice/app/memory.max", "max\n");
        write("sys/fs/cgroup/slice/app/memory.current", "1\n");
        write("sys/fs/cgroup/slice/memory.max", "5000\n");
        write("sys/fs/cgroup/slice/memory.current", "6000\n");
        assertThat(bytes()).isZero();
    }

    @Test
    void theOlderKindOfGroups_isReadToo() throws IOException {
        write("proc/self/cgroup", "5:cpu:/x\n4:cpuset,memory:/jobs/7\n");
        write("sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes", "2000\n");
        write("sys/fs/cgroup/memory/jobs/7/memory.usage_in_bytes", "500\n");
        assertThat(bytes()).isEqualTo(1500);
    }
}
