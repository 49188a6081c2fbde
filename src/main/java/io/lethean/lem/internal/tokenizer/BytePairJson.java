package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.gguf.GgufArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** The byte-level vocabulary of a GGUF file as tokenizer.json. */
final class BytePairJson {

    private final GgufVocabulary vocabulary;

    BytePairJson(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** @throws io.lethean.lem.InvalidModelException if it is not known how this tokenizer cuts a text */
    ObjectNode build() {
        String name = vocabulary.preTokenizer();
        PreTokenizerForm form = PreTokenizerForm.named(name)
                .orElseThrow(() -> vocabulary.refuse(
                        "tokenizer-pre",
                        "has the pre-tokenizer " + Quoted.of(name) + ", for which no form in tokenizer.json is known"
                                + " here. These are: " + String.join(", ", PreTokenizerForm.allNames())
                                + ". Copy the tokenizer's files from the original model instead"));
        TokenizerJsonParts parts = new TokenizerJsonParts(vocabulary);
        ObjectNode root = parts.root();
        normalizer(form).ifPresentOrElse(step -> root.set("normalizer", step), () -> root.putNull("normalizer"));
        root.set("pre_tokenizer", form.json());
        root.set("post_processor", postProcessor(parts, PreTokenizerForm.beginsByItself(name)));
        root.set("decoder", PreTokenizerForm.byteLevel(true));
        ObjectNode model = parts.model(merges());
        model.putNull("unk_token");
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        model.put("ignore_merges", PreTokenizerForm.takesWholeWords(name));
        root.set("model", model);
        return root;
    }

    private Optional<ObjectNode> normalizer(PreTokenizerForm form) {
        List<ObjectNode> steps = new ArrayList<>();
        if (form.isNormalized()) {
            steps.add(TokenizerJsonParts.node("NFC"));
        }
        if (vocabulary.flag("normalizer.lowercase").orElse(false)) {
            steps.add(TokenizerJsonParts.node("Lowercase"));
        }
        if (vocabulary.flag("normalizer.strip_accents").orElse(false)) {
            steps.add(TokenizerJsonParts.node("StripAccents"));
        }
        if (steps.size() < 2) {
            return steps.stream().findFirst();
        }
        ObjectNode sequence = TokenizerJsonParts.node("Sequence");
        sequence.putArray("normalizers").addAll(steps);
        return Optional.of(sequence);
    }

    private static ObjectNode postProcessor(TokenizerJsonParts parts, boolean begins) {
        ObjectNode bytes = PreTokenizerForm.byteLevel(true);
        if (!(parts.template(begins) instanceof ObjectNode template)) {
            return bytes;
        }
        ObjectNode sequence = TokenizerJsonParts.node("Sequence");
        sequence.putArray("processors").add(bytes).add(template);
        return sequence;
    }

    private List<String[]> merges() {
        GgufArray array = vocabulary
                .metadata()
                .array("tokenizer.ggml.merges")
                .orElseThrow(() -> vocabulary.refuse("tokenizer-merges", "has byte pairs without merges"));
        List<String[]> merges = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            String merge = array.textAt(i);
            int cut = merge.indexOf(' ', 1);
            if (cut < 0) {
                throw vocabulary.refuse("tokenizer-merges", "has the merge " + Quoted.of(merge) + " without a space");
            }
            merges.add(new String[] {merge.substring(0, cut), merge.substring(cut + 1)});
        }
        return merges;
    }
}
