package io.lethean.lem.cli;

import io.lethean.lem.evaluation.standard.StandardTask;
import io.lethean.lem.evaluation.standard.StandardTasks;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The standard benchmarks by name, in any case. */
final class BenchmarkNames implements ITypeConverter<StandardTask>, Iterable<String> {

    private static List<String> names() {
        return StandardTasks.all().stream().map(StandardTask::label).toList();
    }

    @Override
    public Iterator<String> iterator() {
        return names().iterator();
    }

    @Override
    public StandardTask convert(String value) {
        String name = value.toLowerCase(Locale.ROOT).replace('_', '-');
        if (!names().contains(name)) {
            throw new TypeConversionException(
                    String.format(Locale.ROOT, "'%s' is not one of %s", value, String.join(", ", names())));
        }
        return StandardTasks.named(name);
    }
}
