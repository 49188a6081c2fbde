package io.lethean.lem.evaluation.probe;

/**
 * A question put to a model.
 *
 * @param id its id, empty if the file has no id
 * @param category the category, else the domain, else {@code uncategorised}; lower case
 * @param prompt what is asked
 */
public record Probe(String id, String category, String prompt) {

    /** The category of a probe if the file does not give one. */
    public static final String UNCATEGORISED = "uncategorised";
}
