package io.lethean.lem.model;

/** How the embeddings of a text's tokens become the embedding of the text. */
public enum Pooling {
    /** The mean over all tokens. */
    MEAN,
    /** The first token's, which is {@code [CLS]} in models of the form of BERT. */
    CLS,
    /** The last token's, which has seen all others in a model that reads from left to right. */
    LAST
}
