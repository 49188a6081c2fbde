package io.lethean.lem.model;

/**
 * How well a document answers a query, as a reranking model finds.
 *
 * @param score what the model's classification head computes: unbounded for most models, higher is better; only the order
 *     and the differences of scores of one model mean something. Models of the form of Qwen 3 Reranker compute a probability
 * @param probability the logistic function of the score, as cross-encoders are usually read; the score itself where it is a
 *     probability
 */
public record Relevance(float score, double probability) {}
