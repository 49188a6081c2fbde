package io.lethean.lem.evaluation.probe;

/**
 * A question put to a model.
 *
 * @param id its id, empty where the file has none
 * @param category the category, else the domain, else {@code uncategorised}; lower case
 * @param prompt what is asked
 */
public record Probe(String id, String category, String prompt) {

    /** The category of a probe whose file names none. */
    public static final String UNCATEGORISED = "uncategorised";
}
