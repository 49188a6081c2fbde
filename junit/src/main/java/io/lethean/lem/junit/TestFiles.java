package io.lethean.lem.junit;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files of one test.
 *
 * @param test its name in messages, such as {@code AssistantTest.keepsItsTone}
 * @param selector how Maven selects it, such as {@code AssistantTest#keepsItsTone}
 * @param record the recorded run
 * @param output the answers of this run
 * @param replies what a judge has said about answers of this test
 */
record TestFiles(String test, String selector, Path record, Path output, Path replies) {

    /**
     * The files of a method.
     *
     * @param type the class that runs, which inherits the method or declares it
     */
    static TestFiles of(Class<?> type, Method method, LemTest annotation, Settings settings) {
        String binary = type.getName();
        String name = binary.substring(binary.lastIndexOf('.') + 1);
        String test = name.replace('$', '.') + "." + method.getName();
        String file = test.replaceAll("[^\\p{L}\\p{N}._-]", "_");
        String folder = type.getPackageName().replace('.', '/');
        Path output = settings.output().resolve(folder);
        return new TestFiles(
                test,
                name + "#" + method.getName(),
                settings.records()
                        .resolve(folder)
                        .resolve(annotation.record().isEmpty() ? file + ".jsonl" : annotation.record()),
                output.resolve(file + ".jsonl"),
                output.resolve(file + ".judge.jsonl"));
    }

    /** A file that the annotation names: in the working folder, else next to the record. */
    Path named(String path) {
        Path here = Path.of(path);
        Path next = record.resolveSibling(path);
        return !Files.exists(here) && Files.exists(next) ? next : here;
    }

    /** How to run this test so that it writes its record. */
    String howToRecord() {
        return "run this test with " + Settings.RECORD + "=true, for example: mvn test -Dtest='" + selector + "' -D"
                + Settings.RECORD + "=true";
    }
}
