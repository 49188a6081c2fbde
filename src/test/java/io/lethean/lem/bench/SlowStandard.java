package io.lethean.lem.bench;

import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that runs a standard benchmark with a model slow enough to be killed while it answers. */
final class SlowStandard {

    static final int QUESTIONS = 40;

    private SlowStandard() {}

    /** Arguments: the output, and the milliseconds that an answer takes. */
    public static void main(String[] args) throws IOException {
        int millis = Integer.parseInt(args[1]);
        new StandardRunner(StandardRuns.plan(QUESTIONS), () -> new SlowModel(millis), StandardListener.SILENT)
                .run(Path.of(args[0]), false);
    }
}
