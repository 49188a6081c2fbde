package io.lethean.lem.cli;

import io.lethean.lem.evaluation.standard.StandardBenchmark;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The standard benchmarks by name, in any case. */
final class BenchmarkNames implements ITypeConverter<StandardBenchmark>, Iterable<String> {

    private static List<String> names() {
        return Arrays.stream(StandardBenchmark.values())
                .map(StandardBenchmark::label)
                .toList();
    }

    @Override
    public Iterator<String> iterator() {
        return names().iterator();
    }

    @Override
    public StandardBenchmark convert(String value) {
        String name = value.toLowerCase(Locale.ROOT).replace('_', '-');
        if (!names().contains(name)) {
            throw new TypeConversionException("'%s' is not one of %s".formatted(value, String.join(", ", names())));
        }
        return StandardBenchmark.named(name);
    }
}
