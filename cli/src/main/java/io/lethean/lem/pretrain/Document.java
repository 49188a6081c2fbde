package io.lethean.lem.pretrain;

import io.lethean.lem.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import tools.jackson.databind.json.JsonMapper;

/**
 * A text or a conversation that belongs together, so that it is in one part of the split as a whole.
 *
 * @param samples what of it is learned at a time, at least one
 */
record Document(List<Sample> samples) {

    /** What a document is used for. */
    enum Part {
        /** Learned from. */
        TRAIN,
        /** Decides when to stop. */
        VALID,
        /** Measured on, and nothing else. */
        TEST
    }

    /**
     * A piece of a document as a line of a training file has it.
     *
     * @param messages the turns of a conversation; a single text without a role's meaning if {@code plain}
     * @param plain whether it is text without turns
     * @param unlearned the turns that are in the context and not learned, counted from 0
     */
    record Sample(List<Message> messages, boolean plain, Set<Integer> unlearned) {

        Sample {
            messages = List.copyOf(messages);
            unlearned = Set.copyOf(unlearned);
        }

        Sample(List<Message> messages, boolean plain) {
            this(messages, plain, Set.of());
        }

        static Sample ofText(String text) {
            return new Sample(List.of(Message.user(text)), true);
        }

        /** What people read of it, without roles and marks. */
        List<String> contents() {
            return messages.stream().map(Message::content).toList();
        }

        /** One object of JSON. */
        String toJson() {
            Map<String, Object> line = new LinkedHashMap<>();
            if (plain) {
                line.put("text", messages.getFirst().content());
            } else {
                List<Object> turns = new ArrayList<>();
                messages.forEach(message -> turns.add(turn(message, unlearned.contains(turns.size()))));
                line.put("messages", turns);
            }
            return JsonMapper.shared().writeValueAsString(line);
        }

        private static Map<String, Object> turn(Message message, boolean unlearned) {
            Map<String, Object> turn = new LinkedHashMap<>();
            turn.put("role", message.role());
            turn.put("content", message.content());
            if (unlearned) {
                turn.put("weight", 0);
            }
            return turn;
        }
    }

    /** Of a hundred documents, so many are measured on, and so many decide when to stop. */
    private static final int TEST_PERCENT = 7;

    private static final int VALID_PERCENT = 5;

    Document {
        samples = List.copyOf(samples);
    }

    /** The part that this document belongs to: by its own content, so that one that is added moves no other. */
    Part part(long seed) {
        CRC32 crc = new CRC32();
        for (Sample sample : samples) {
            crc.update(sample.toJson().getBytes(StandardCharsets.UTF_8));
        }
        int percent = new SplittableRandom(seed ^ crc.getValue() << 16).nextInt(100);
        if (percent < TEST_PERCENT) {
            return Part.TEST;
        }
        return percent < TEST_PERCENT + VALID_PERCENT ? Part.VALID : Part.TRAIN;
    }

    /** Every content of every sample of some documents. */
    static List<String> contents(List<Document> documents) {
        List<String> contents = new ArrayList<>();
        documents.forEach(document -> document.samples.forEach(sample -> contents.addAll(sample.contents())));
        return contents;
    }
}
