package io.lethean.lem.evaluation.judge;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.GrammarException;
import io.lethean.lem.LemException;
import io.lethean.lem.Message;
import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.JudgePrompt;
import io.lethean.lem.evaluation.score.JudgeReply;
import io.lethean.lem.evaluation.score.JudgedSuite;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model in this process as a judge, which needs no key and no network.
 *
 * <p>Decodes greedily. A grammar with a length limit enforces the shape and scale of the suite, so that every model
 * gives valid ratings. Ratings of a small model are noise.
 */
public final class LocalJudge implements Judge {

    /** Tokens that hold the longest prompt and reply of every suite in the tokenizers in use. */
    public static final int CONTEXT_TOKENS = 8192;

    private static final int SHORT_SUM = 12;

    private final String name;
    private final Supplier<? extends TextGenerator> model;
    private @Nullable TextGenerator loaded;

    /**
     * A judge that is a model in this process.
     *
     * @param name recorded with every score; it should tell models apart
     * @param model asked for the model at the first question
     */
    public LocalJudge(String name, Supplier<? extends TextGenerator> model) {
        this.name = name;
        this.model = model;
    }

    /**
     * {@return a judge named after its file and the file's content, such as {@code local:judge.gguf@0123456789ab}}
     *
     * @param file the GGUF file of the model
     * @param model asked for the model at the first question
     * @throws IOException if the file cannot be read
     */
    public static LocalJudge of(Path file, Supplier<? extends TextGenerator> model) throws IOException {
        String sum = Sha256.of(file).substring(0, SHORT_SUM);
        return new LocalJudge("local:" + file.getFileName() + "@" + sum, model);
    }

    @Override
    public String name() {
        return name;
    }

    /** @throws JudgeException if the model cannot be held to the reply's shape, or is lost */
    @Override
    public JudgeReply ask(JudgePrompt prompt) {
        JudgedSuite suite = prompt.suite();
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(suite.longestReply())
                .grammar(suite.grammar())
                .build();
        try {
            Generation reply = model().chat(List.of(Message.user(prompt.text())), options);
            return reply.finishReason() == FinishReason.END_OF_TURN
                    ? new JudgeReply.Text(reply.text())
                    : new JudgeReply.Failure(
                            String.format(Locale.ROOT, "its reply was cut (%s)", reply.finishReason()));
        } catch (GrammarException e) {
            throw new JudgeException("The judge " + name + " cannot give ratings: " + e.getMessage(), e);
        } catch (ContextOverflowException e) {
            return new JudgeReply.Failure(
                    "the question does not fit it (" + e.promptTokens() + " tokens, " + e.contextTokens() + " fit)");
        } catch (LemException e) {
            throw new JudgeException("The judge " + name + " failed: " + e.getMessage(), e);
        }
    }

    private synchronized TextGenerator model() {
        if (loaded == null) {
            loaded = model.get();
        }
        return loaded;
    }
}
