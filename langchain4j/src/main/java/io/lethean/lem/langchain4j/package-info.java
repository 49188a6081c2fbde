/**
 * LangChain4j's models on a {@link io.lethean.lem.model.LemModel} in this process: chat, streaming chat, embeddings, scoring and token
 * counts. Nothing here owns the model.
 */
@NullMarked
package io.lethean.lem.langchain4j;

import org.jspecify.annotations.NullMarked;
