package io.lethean.lem.internal.tokenizer;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the post-processor of a tokenizer.json says about tokens around a text: begins with BOS, ends with EOS, SEP. */
final class PostProcessorRule {

    private final NamedTokens named;
    private final Map<String, Boolean> added;
    private final List<String> kinds;

    /** Of a folder without tokenizer_config.json: the post-processor itself names the tokens. */
    private @Nullable String begin;

    private @Nullable String end;

    /**
     * @param added receives whether a token of a kind is added
     * @param kinds the kinds to look for; receives eot or eom, where the text ends with another token than EOS
     */
    PostProcessorRule(NamedTokens named, Map<String, Boolean> added, List<String> kinds) {
        this.named = named;
        this.added = added;
        this.kinds = kinds;
    }

    void read(JsonNode processor) {
        if (named.configured()) {
            nameAfterOther("bos", "cls");
            nameAfterOther("eos", "sep");
        }
        JsonNode members = processor.path("processors");
        if (members.isArray()) {
            members.forEach(this::readOne);
        } else {
            readOne(processor);
        }
    }

    private void nameAfterOther(String kind, String other) {
        if (!named.has(kind) && named.has(other)) {
            named.copy(other, kind);
        }
    }

    private void readOne(JsonNode processor) {
        switch (processor.path("type").asString("")) {
            case "RobertaProcessing" -> readRoberta(processor);
            case "TemplateProcessing" -> readTemplate(processor);
            default -> {}
        }
    }

    private void readRoberta(JsonNode processor) {
        added.put("bos", true);
        added.put("eos", true);
        added.put("sep", true);
        nameFrom(processor.path("cls"), "cls", "bos");
        nameFrom(processor.path("sep"), "sep", "eos");
    }

    private void nameFrom(JsonNode pair, String kind, String otherwise) {
        if (!named.has(kind) && named.configured()) {
            if (pair.path(0).isString()) {
                named.set(kind, pair.path(0).stringValue());
            } else {
                named.copy(otherwise, kind);
            }
        }
    }

    private void readTemplate(JsonNode processor) {
        JsonNode single = processor.path("single");
        String first = null;
        String last = null;
        if (single.size() > 1) {
            first = special(single.path(0));
            last = special(single.path(single.size() - 1));
            if (first != null) {
                readFirst(first);
            }
            if (last != null) {
                readLast(last);
            }
        }
        readPair(processor.path("pair"), first, last);
    }

    private void readFirst(String first) {
        if (!named.configured()) {
            begin = first;
        } else if (!isBegin(first)) {
            if (!named.has("bos")) {
                named.set("bos", first);
            }
            if (!named.has("cls")) {
                named.set("cls", first);
            }
        }
        added.put("bos", isBegin(first));
    }

    private boolean isBegin(String token) {
        return token.equals(named.configured() ? named.plainText("bos") : begin)
                || token.equals(named.plainText("cls"));
    }

    private void readLast(String last) {
        if (!named.configured()) {
            end = last;
        } else if (!last.equals(named.plainText("eos"))) {
            for (String kind : List.of("eot", "eom")) {
                if (!kinds.contains(kind)) {
                    kinds.add(kind);
                    named.copy("eos", kind);
                    break;
                }
            }
            named.set("eos", last);
        }
        added.put("eos", true);
    }

    private void readPair(JsonNode pair, @Nullable String first, @Nullable String last) {
        int from = first != null && first.equals(special(pair.path(0))) ? 1 : 0;
        int to = pair.size() - (last != null && last.equals(special(pair.path(pair.size() - 1))) ? 1 : 0);
        if (to - from < 3
                || !pair.path(from).path("Sequence").path("id").asString("").equals("A")
                || !pair.path(to - 1).path("Sequence").path("id").asString("").equals("B")) {
            return;
        }
        boolean separated = isSeparator(special(pair.path(from + 1))) && last == null;
        if (to - from == 4) {
            separated |= isSeparator(special(pair.path(from + 2)));
        }
        added.put("sep", separated);
        if (separated && !named.has("sep") && named.configured()) {
            named.copy("eos", "sep");
        }
    }

    private boolean isSeparator(@Nullable String token) {
        return token != null
                && (token.equals(named.plainText("sep"))
                        || token.equals(named.configured() ? named.plainText("eos") : end));
    }

    private static @Nullable String special(JsonNode piece) {
        String id = piece.path("SpecialToken").path("id").asString("");
        return id.isEmpty() ? null : id;
    }
}
