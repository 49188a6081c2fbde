package io.lethean.lem.convert;

import io.lethean.lem.internal.safetensors.NewTensor;
import io.lethean.lem.internal.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The weights of an exported model: one safetensors file, or several with an index. */
final class Shards {

    private final List<List<NewTensor>> files = new ArrayList<>();
    private final long limit;
    private long room;
    private long bytes;

    /** @param limit size of a file; a larger tensor gets a file of its own */
    Shards(long limit) {
        this.limit = limit;
    }

    void add(NewTensor tensor) {
        if (files.isEmpty() || tensor.bytes() > room && !files.getLast().isEmpty()) {
            files.add(new ArrayList<>());
            room = limit;
        }
        files.getLast().add(tensor);
        room -= tensor.bytes();
        bytes += tensor.bytes();
    }

    /** Size of all values. */
    long bytes() {
        return bytes;
    }

    /** @param format what wrote the weights, as the readers expect it: {@code pt} or {@code mlx} */
    void write(Path folder, String format) throws IOException {
        Map<String, @Nullable Object> map = new TreeMap<>();
        for (int i = 0; i < files.size(); i++) {
            String name = files.size() == 1
                    ? "model.safetensors"
                    : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, files.size());
            SafetensorsWriter.write(folder.resolve(name), Map.of("format", format), files.get(i));
            files.get(i).forEach(tensor -> map.put(tensor.name(), name));
        }
        if (files.size() > 1) {
            Map<String, @Nullable Object> index = new LinkedHashMap<>();
            index.put("metadata", Map.of("total_size", bytes));
            index.put("weight_map", map);
            ExportedFiles.writeJson(folder.resolve(ExportedFiles.INDEX), index);
        }
    }
}
