package io.lethean.lem.evaluation.run;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The name of a model in titles and tables. */
public final class ModelName {

    /** Where an adapter's name begins in the name of a {@link ModelIdentity}. */
    private static final String WITH = " + ";

    /** A path of a file system, and not a name such as {@code organisation/model}. */
    private static final Pattern PATH = Pattern.compile(
            "(?:/|~|\\.{1,2}[/\\\\]|\\\\\\\\|[A-Za-z]:[/\\\\]).*|.*\\.(?:gguf|safetensors|npz|bin)(?: x .*)?",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private ModelName() {}

    /**
     * {@return a recorded name with each path reduced to its last component; other names are kept}
     *
     * @param recorded the name that a result has
     */
    public static String shown(String recorded) {
        return Stream.of(recorded.split(Pattern.quote(WITH), -1))
                .map(ModelName::lastComponent)
                .collect(Collectors.joining(WITH));
    }

    private static String lastComponent(String part) {
        if (!PATH.matcher(part).matches()) {
            return part;
        }
        String name = part.replaceFirst("[/\\\\]+\\z", "");
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return last.isEmpty() ? part : last;
    }
}
