package io.lethean.lem.model;

/**
 * How likely a model finds a continuation of a context.
 *
 * @param sum the sum of the natural logarithms of its tokens' probabilities
 * @param tokens how many tokens it has
 * @param greedy whether every one of them is the most likely one at its place, so that greedy decoding would say it
 */
public record LogLikelihood(double sum, int tokens, boolean greedy) {}
