package io.lethean.lem.jmh;

import io.lethean.lem.Message;
import io.lethean.lem.model.Conversation;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The time to the first token of a chat's fifth turn: in a {@link Conversation}, and in a model that is given the same
 * messages and holds no prompt. Both answers must have the same tokens.
 *
 * <p>The fifth question and its length differ from round to round, so that a round finds what the fourth turn left and no
 * more. It is asked after a pause, in which the model prepares, and in other rounds at once after the fourth answer.
 *
 * <p>Arguments: {@code key=value} with {@code model}, {@code threads} (1), {@code rounds} and {@code atonce} (rounds of
 * each kind: 9 and 3), {@code system}, {@code question} and {@code answer} (tokens: 400, at most 48, 256), {@code pause}
 * (milliseconds: 10000).
 */
public final class TurnPairs {

    private static final int TURNS = 5;
    private static final int CONTEXT = 2048;
    private static final int COMPARED_TOKENS = 8;
    private static final int ANY_TOKEN = 1;

    private final LemModel conversing;
    private final LemModel replaying;
    private final Arguments given;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Seconds paused = new Seconds();
    private final Seconds pausedReplay = new Seconds();
    private final Seconds atOnce = new Seconds();
    private final Seconds atOnceReplay = new Seconds();

    private TurnPairs(LemModel conversing, LemModel replaying, Arguments given) {
        this.conversing = conversing;
        this.replaying = replaying;
        this.given = given;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Arguments given = new Arguments(arguments);
        Path file = RandomModelFile.orThis(given.text("model", ""));
        ModelOptions options = ModelOptions.builder()
                .contextTokens(CONTEXT)
                .threads(given.number("threads", 1))
                .device("cpu")
                .build();
        try (LemModel conversing = LemModel.load(file, options);
                LemModel replaying = LemModel.load(file, options)) {
            System.out.printf(
                    Locale.ROOT,
                    "%s, %s, %d thread(s): first token of turn %d%n",
                    file.getFileName(),
                    conversing.info().architecture().description(),
                    given.number("threads", 1),
                    TURNS);
            new TurnPairs(conversing, replaying, given).run();
        }
    }

    private void run() throws InterruptedException {
        String system = MadeUpText.of(conversing, random, given.number("system", 400));
        Conversation conversation = conversing.conversation(system);
        for (int turn = 1; turn < TURNS; turn++) {
            conversation.send(question(), answer(given.number("answer", 256)));
        }
        System.out.println("asked             ms  tokens evaluated  replay ms  tokens evaluated");
        Thread.sleep(given.number("pause", 10_000));
        for (int round = 0; round < given.number("rounds", 9); round++) {
            compare(conversation, "after a pause", paused, pausedReplay);
        }
        for (int round = 0; round < given.number("atonce", 3); round++) {
            String fourth = conversation.undo();
            conversation.send(fourth, answer(given.number("answer", 256)));
            compare(conversation, "at once", atOnce, atOnceReplay);
        }
        report("after a pause", paused, pausedReplay);
        if (given.number("atonce", 3) > 0) {
            report("at once", atOnce, atOnceReplay);
        }
    }

    private String question() {
        int longest = given.number("question", 48);
        return MadeUpText.of(conversing, random, random.nextInt(longest / 4, longest + 1));
    }

    private GenerationOptions answer(int tokens) {
        return EndlessAnswers.of(conversing, tokens);
    }

    /** Asks the fifth question, here and there, and takes it back. */
    private void compare(Conversation conversation, String when, Seconds ours, Seconds replay) {
        String question = question();
        Generation answer = conversation.send(question, answer(COMPARED_TOKENS)).generation();
        List<Message> messages = conversation.messages();
        replaying.logits(List.of(ANY_TOKEN)); // which discards every prompt
        Generation replayed = replaying.chat(messages.subList(0, messages.size() - 1), answer(COMPARED_TOKENS));
        if (!replayed.tokens().equals(answer.tokens()) || replayed.reusedTokens() != 0) {
            throw new IllegalStateException(
                    "The answers differ: " + answer.tokens() + " and, replayed, " + replayed.tokens() + ".");
        }
        ours.add(firstToken(answer));
        replay.add(firstToken(replayed));
        System.out.printf(
                Locale.ROOT,
                "%-13s %6.0f %17d %10.0f %17d%n",
                when,
                ours.last() * 1e3,
                answer.evaluatedTokens(),
                replay.last() * 1e3,
                replayed.evaluatedTokens());
        conversation.undo();
    }

    private static double firstToken(Generation answer) {
        return answer.timings().firstToken().orElseThrow().toNanos() / 1e9;
    }

    private static void report(String when, Seconds ours, Seconds replay) {
        System.out.printf(
                Locale.ROOT,
                "medians, %-13s %.0f ms, replay %.0f ms: conversation / replay %s%n",
                when + ":",
                ours.median() * 1e3,
                replay.median() * 1e3,
                ours.ratioTo(replay));
    }
}
