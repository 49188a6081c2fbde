package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Sha256;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How questions and a kernel enter the identity of a standard benchmark's run. */
final class QuestionIdentity {

    private QuestionIdentity() {}

    static void put(RunIdentity identity, List<Question> questions) {
        String texts = PythonJson.write(questions.stream()
                .map(question -> Arrays.asList(question.id(), question.prompt()))
                .toList());
        identity.with("number of questions", (long) questions.size());
        identity.with("questions", "sha256:" + Sha256.of(texts));
    }

    static void put(RunIdentity identity, Optional<Kernel> kernel) {
        identity.with(
                "kernel",
                kernel.map(text -> text.name() + " sha256:" + text.sha256()).orElse(null));
    }
}
