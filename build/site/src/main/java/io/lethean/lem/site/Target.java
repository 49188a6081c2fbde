package io.lethean.lem.site;

/** What a link leads to. */
sealed interface Target {

    /** A page of the site; the anchor is empty or one of its headings. */
    record OfPage(Page page, String anchor) implements Target {}

    /** A file or folder of the repository that is not a page; the site has a copy to read. */
    record OfFile(String name) implements Target {}

    /** A class in the Javadoc; the anchor is empty or that of a member. */
    record OfApi(String file, String anchor) implements Target {}

    /** Another site. It is listed, and never asked. */
    record Elsewhere(String address) implements Target {}

    /** A link that leads nowhere, with a sentence that says why. */
    record Nowhere(String fault) implements Target {}
}
