package io.lethean.lem.convert;

/** A dimension of a tensor, by what the configuration calls it. */
enum Dim {
    HIDDEN("hidden_size"),
    FEED_FORWARD("intermediate_size"),
    /** Query heads times the size of a head. */
    QUERIES("num_attention_heads x head_dim"),
    /** Key and value heads times the size of a head. */
    KEYS("num_key_value_heads x head_dim"),
    HEAD("head_dim"),
    HEADS("num_attention_heads"),
    VOCABULARY("vocab_size"),
    EXPERTS("num_experts"),
    EXPERT_WIDTH("the width of an expert"),
    POSITIONS("max_position_embeddings"),
    TOKEN_TYPES("type_vocab_size"),
    LABELS("the number of id2label"),
    /** Not checked: it differs from layer to layer. */
    ANY("any size");

    private final String key;

    Dim(String key) {
        this.key = key;
    }

    /** What a message calls it. */
    String key() {
        return key;
    }
}
