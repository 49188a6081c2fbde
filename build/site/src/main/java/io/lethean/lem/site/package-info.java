/**
 * The documents of the repository as a site: Markdown pages become HTML, links and lengths are checked, and the commands and
 * programs in the pages are found for the tests that run them.
 */
@NullMarked
package io.lethean.lem.site;

import org.jspecify.annotations.NullMarked;
