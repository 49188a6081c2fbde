package io.lethean.lem.site;

import java.util.List;
import java.util.Set;

/**
 * A block of code in a page, and what its page says about it in comments that a reader does not see.
 *
 * @param page the page
 * @param line line of the file, from 1
 * @param language the word after the fence; {@code text} is for what is neither a command nor code
 * @param text the lines between the fences
 * @param setup lines that prepare the block: shell commands, or Java declarations
 * @param marks the other comments before the block
 */
record Block(Page page, int line, String language, String text, String setup, List<Mark> marks) {

    static final String SHELL = "sh";
    static final String JAVA = "java";
    static final String TEXT = "text";

    /** Languages of data: such a block is parsed, not run. */
    static final Set<String> DATA = Set.of("xml", "json", "properties");

    /** What a comment before a block says. */
    sealed interface Mark {

        /**
         * The block, or those of its lines that begin with one of the texts, is not run.
         *
         * @param lines beginnings of lines; empty for all
         * @param kind a word of {@link #KINDS}
         * @param reason why
         */
        record NotRun(List<String> lines, String kind, String reason) implements Mark {

            /** Reasons for which a command is not run. */
            static final Set<String> KINDS = Set.of("network", "GPU", "Mac", "long", "peers", "service", "build");
        }

        /** The Java code is compiled and not run. */
        record CompiledOnly(String reason) implements Mark {}

        /** The text is a part of what the command before it prints. */
        record Output() implements Mark {}

        /** A test class runs the block. */
        record TestedBy(String test) implements Mark {}

        /** The command runs in the background from when it has printed a text until the page ends. */
        record Background(String until) implements Mark {}
    }

    <M extends Mark> List<M> marks(Class<M> kind) {
        return marks.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    boolean has(Class<? extends Mark> kind) {
        return !marks(kind).isEmpty();
    }

    /** Whether nothing of the block is run or compiled here, because a comment says so. */
    boolean isLeftOut() {
        return has(Mark.TestedBy.class)
                || marks(Mark.NotRun.class).stream()
                        .anyMatch(mark -> mark.lines().isEmpty());
    }

    /** The text without the lines that are not run; continuation lines go with their line. */
    String runText() {
        List<String> left = marks(Mark.NotRun.class).stream()
                .flatMap(mark -> mark.lines().stream())
                .toList();
        StringBuilder kept = new StringBuilder();
        boolean leaving = false;
        boolean continues = false;
        for (String line : text.lines().toList()) {
            if (!continues) {
                leaving = left.stream().anyMatch(line::startsWith);
            }
            continues = line.endsWith("\\");
            if (!leaving) {
                kept.append(line).append('\n');
            }
        }
        return kept.toString();
    }

    String place() {
        return page.source() + ":" + line;
    }
}
