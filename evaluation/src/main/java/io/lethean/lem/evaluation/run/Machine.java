package io.lethean.lem.evaluation.run;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.model.Device;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.Libraries;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What computes answers. Two machines give the same answers bit by bit if they have the same backend and the same kernels.
 *
 * @param backend the device in words: {@code cpu}, or the names of the GPUs
 * @param kernels the libraries that compute: file name and the first digits of the file's checksum. llama.cpp chooses among
 *     variants for the instruction sets of the processor
 * @param processor the processor in words; machines with different processors can have the same kernels
 * @param host the machine's name
 */
public record Machine(String backend, String kernels, String processor, String host) {

    private static final int SUM_LENGTH = 16;
    private static final String CPU = "cpu";
    private static final Map<Path, String> SUMS = new ConcurrentHashMap<>();

    /**
     * {@return this machine} Loads the native libraries.
     *
     * @param device as a model is loaded: {@code cpu}, {@code auto} or the name of a device
     * @throws IOException if a library's file cannot be read
     */
    public static Machine here(String device) throws IOException {
        return with(device.equals(CPU) ? gpu -> false : gpu -> true);
    }

    /**
     * {@return this machine, as a model uses it}
     *
     * @param model a loaded model
     * @throws IOException if a library's file cannot be read
     */
    public static Machine of(LemModel model) throws IOException {
        List<String> used = model.info().compute().devices();
        return with(gpu -> used.contains(gpu.name()));
    }

    private static Machine with(Predicate<Device> used) throws IOException {
        Libraries libraries = Libraries.loaded();
        List<Device> devices = Device.all();
        List<Device> gpus = devices.stream().filter(Device::gpu).filter(used).toList();
        StringBuilder kernels = new StringBuilder();
        for (Libraries.Backend backend : libraries.backends()) {
            if (backend.loaded() && (backend.name().equals(CPU) || !gpus.isEmpty())) {
                Path file = libraries.folder().resolve(Path.of(backend.detail()).getFileName());
                kernels.append(kernels.isEmpty() ? "" : ", ")
                        .append(file.getFileName())
                        .append(' ')
                        .append(sum(file));
            }
        }
        return new Machine(
                gpus.isEmpty()
                        ? CPU
                        : gpus.stream().map(Device::description).distinct().collect(Collectors.joining(", ")),
                kernels.toString(),
                devices.stream()
                        .filter(each -> !each.gpu())
                        .map(Device::description)
                        .findFirst()
                        .orElse(""),
                hostName());
    }

    /** The libraries of a process stay the same. */
    private static String sum(Path library) throws IOException {
        String known = SUMS.get(library);
        if (known == null) {
            known = Sha256.of(library).substring(0, SUM_LENGTH);
            SUMS.put(library, known);
        }
        return known;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /**
     * {@return whether the other machine gives the same answers bit by bit}
     *
     * @param other the machine that is compared
     */
    public boolean answersAs(Machine other) {
        return backend.equals(other.backend) && kernels.equals(other.kernels);
    }

    /**
     * {@return the only kind of machine of a run; empty if none has answered yet}
     *
     * @param kinds as {@link AnswerSource.Receiver#machines()} gives them
     * @throws BenchmarkException if there are several, because a mix was allowed before
     */
    public static Optional<Machine> only(List<Machine> kinds) {
        if (kinds.size() > 1) {
            throw new BenchmarkException(String.format(
                    Locale.ROOT,
                    "The recorded answers of this run were computed by %s. To continue with machines of any kind, allow a mix.",
                    kinds.stream().map(Machine::described).collect(Collectors.joining(" and by "))));
        }
        return kinds.stream().findFirst();
    }

    /** {@return the machine in words} */
    public String described() {
        return String.format(Locale.ROOT, "%s (%s, %s)", host, backend, kernels);
    }

    /** {@return the machine as results record it, by key} */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("backend", backend);
        fields.put("kernels", kernels);
        fields.put("processor", processor);
        fields.put("host", host);
        return fields;
    }

    /**
     * {@return the machine that results record; empty if a field is missing}
     *
     * @param fields as {@link #fields()} gives them
     */
    public static Optional<Machine> of(Map<?, ?> fields) {
        return fields.get("backend") instanceof String backend
                        && fields.get("kernels") instanceof String kernels
                        && fields.get("processor") instanceof String processor
                        && fields.get("host") instanceof String host
                ? Optional.of(new Machine(backend, kernels, processor, host))
                : Optional.empty();
    }
}
