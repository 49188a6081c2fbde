/**
 * Chat templates: a small Jinja engine in plain Java, and the two conventions around it that models need.
 *
 * <p>{@link io.lethean.lem.internal.jinja.ChatTemplate} is the entry point: conversation in, prompt text out.
 * {@link io.lethean.lem.internal.jinja.Template} reads a template once (source, lexer, parser, tree) and renders it any
 * number of times, from any thread.
 *
 * <p>Meaning is Jinja2's, configured as Hugging Face does: block trimming on, no escaping, {@code break} and
 * {@code continue}, {@code generation} blocks, {@code raise_exception}, {@code strftime_now}, and a {@code tojson} that
 * keeps characters as they are. In five places the engine of llama.cpp is followed instead, because it renders what
 * Jinja2 refuses and published templates lean on it: members of undefined values are undefined; {@code +} takes
 * undefined values and None as an empty string next to a string; {@code append} and {@code pop} change lists;
 * {@code set} may assign to a member of a mapping; and {@code safe} changes nothing, where Jinja2 escapes the strings
 * that are added to a safe one for HTML. Lazy sequences of Python (map, select, range, keys) are lists here.
 *
 * <p>Templates come inside model files, so they are not trusted. {@link io.lethean.lem.internal.jinja.Limits} bounds
 * length, nesting, recursion, work, memory and output, each with a {@link io.lethean.lem.ChatTemplateException}. What
 * the parser reads by a loop is stored as a list and evaluated by a loop, and what it reads by recursion counts as
 * depth, so the stack cannot overflow.
 */
@NullMarked
package io.lethean.lem.internal.jinja;

import org.jspecify.annotations.NullMarked;
