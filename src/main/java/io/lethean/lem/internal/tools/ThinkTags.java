package io.lethean.lem.internal.tools;

import java.util.List;
import java.util.Optional;

/** The texts before and after the thoughts of a model. */
record ThinkTags(String open, String close) {

    private static final List<ThinkTags> KNOWN = List.of(
            new ThinkTags("<|channel>thought", "<channel|>"),
            new ThinkTags("[THINK]", "[/THINK]"),
            new ThinkTags("<|START_THINKING|>", "<|END_THINKING|>"),
            new ThinkTags("<seed:think>", "</seed:think>"),
            new ThinkTags("\u25C1think\u25B7", "\u25C1/think\u25B7"),
            new ThinkTags("<think>", "</think>"));

    /** Those that a chat template writes or looks for. */
    static Optional<ThinkTags> in(String template) {
        return KNOWN.stream().filter(tags -> template.contains(tags.close)).findFirst();
    }

    /** Whether a prompt ends inside a thought that its template opened. */
    boolean isOpenedBy(String prompt) {
        return prompt.stripTrailing().endsWith(open);
    }

    /** The special tokens among the tags. */
    List<String> markers() {
        return open.equals("<|channel>thought") ? List.of("<|channel>", close) : List.of(open, close);
    }
}
