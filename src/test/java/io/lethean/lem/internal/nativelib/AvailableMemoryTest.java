package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
