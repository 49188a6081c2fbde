package io.lethean.lem.cli;

import io.lethean.lem.evaluation.score.JudgedSuite;
import io.lethean.lem.evaluation.score.Scorers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The names that {@code --scorer} accepts, in any case. */
abstract sealed class ScorerNames implements ITypeConverter<String>, Iterable<String> {

    /** Scorers that work by rules alone. */
    static final class Rules extends ScorerNames {
        @Override
        List<String> names() {
            return Scorers.names();
        }
    }

    /** These, and the suites that a judge rates. */
    static final class All extends ScorerNames {
        @Override
        List<String> names() {
            List<String> all = new ArrayList<>(Scorers.names());
            all.addAll(JudgedSuite.names());
            return all;
        }
    }

    abstract List<String> names();

    @Override
    public Iterator<String> iterator() {
        return names().iterator();
    }

    @Override
    public String convert(String value) {
        String name = value.toLowerCase(Locale.ROOT);
        if (names().contains(name)) {
            return name;
        }
        if (Scorers.needsJudge(name)) {
            throw new TypeConversionException(String.format(
                    Locale.ROOT,
                    "'%s' needs a judge, which this command does not ask; choose one of %s",
                    value,
                    String.join(", ", names())));
        }
        throw new TypeConversionException(
                String.format(Locale.ROOT, "'%s' is not one of %s", value, String.join(", ", names())));
    }
}
