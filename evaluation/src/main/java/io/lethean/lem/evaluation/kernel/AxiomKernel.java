package io.lethean.lem.evaluation.kernel;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.io.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * A kernel in the published JSON form, with access to its axioms.
 *
 * <p>Kernels are used as raw text, so axioms are removed from the text, and no other character changes. The numbers of
 * the removed axioms are also removed from {@code meta.hierarchy}.
 */
public final class AxiomKernel {

    private final Path file;
    private final Kernel kernel;
    private final List<Element> axioms = new ArrayList<>();
    private final List<Element> hierarchy = new ArrayList<>();

    /** An element of an array: its place in the text, and the axiom that it is or names. */
    private record Element(int begin, int end, String id, String name) {}

    private AxiomKernel(Path file, Kernel kernel) {
        this.file = file;
        this.kernel = kernel;
    }

    /**
     * Takes a kernel apart.
     *
     * @param file where it was read from, for messages
     * @param kernel a kernel in JSON form
     * @return the kernel and its axioms
     * @throws MalformedDataException if it is not one JSON object with at least two {@code axioms}, each an object with
     *     an {@code id} or a {@code name} of its own
     */
    public static AxiomKernel of(Path file, Kernel kernel) throws MalformedDataException {
        AxiomKernel parts = new AxiomKernel(file, kernel);
        try (JsonParser parser = JsonMapper.shared().createParser(kernel.text())) {
            parts.readObject(parser);
            if (parser.nextToken() != null) {
                throw parts.malformed("more follows after the first JSON object");
            }
        } catch (JacksonException e) {
            throw parts.malformed("it is not JSON: " + Json.problem(e));
        }
        if (parts.axioms.size() < 2
                || parts.axioms.stream().map(Element::name).distinct().count() < parts.axioms.size()) {
            throw parts.malformed("it has no \"axioms\" that can be told apart by \"name\" or \"id\"");
        }
        return parts;
    }

    private MalformedDataException malformed(String problem) {
        return new MalformedDataException(
                file,
                problem
                        + "; axioms can only be isolated in a kernel of the shape of axioms.json, one object with \"axioms\".");
    }

    private void readObject(JsonParser parser) throws MalformedDataException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw malformed("it is not a JSON object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("axioms") && value == JsonToken.START_ARRAY && axioms.isEmpty()) {
                readAxioms(parser);
            } else if (name.equals("meta") && value == JsonToken.START_OBJECT && hierarchy.isEmpty()) {
                readMeta(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void readAxioms(JsonParser parser) throws MalformedDataException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            int begin = (int) parser.currentTokenLocation().getCharOffset();
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw malformed("an axiom is not an object");
            }
            String id = "";
            String name = "";
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value.isScalarValue() && key.equals("id")) {
                    id = parser.getString();
                } else if (value.isScalarValue() && key.equals("name")) {
                    name = parser.getString();
                }
                parser.skipChildren();
            }
            axioms.add(new Element(begin, end(parser), id, name.isBlank() ? id : name));
        }
    }

    private void readMeta(JsonParser parser) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (!name.equals("hierarchy") || value != JsonToken.START_ARRAY) {
                parser.skipChildren();
                continue;
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                int begin = (int) parser.currentTokenLocation().getCharOffset();
                String id = parser.currentToken().isScalarValue() ? parser.getString() : "";
                parser.skipChildren();
                hierarchy.add(new Element(begin, begin + id.length(), id, id));
            }
        }
    }

    private static int end(JsonParser parser) {
        return (int) parser.currentLocation().getCharOffset();
    }

    /** {@return the kernel as it is} */
    public Kernel whole() {
        return kernel;
    }

    /** {@return the names of the axioms, in the kernel's order} */
    public List<String> axioms() {
        return axioms.stream().map(Element::name).toList();
    }

    /** {@return the kernel with one axiom each, named {@code only-} and the axiom's name} */
    public List<Kernel> alone() {
        return IntStream.range(0, axioms.size())
                .mapToObj(i -> with("only-" + axioms.get(i).name(), j -> j == i))
                .toList();
    }

    /** {@return the kernel with all axioms but one each, named {@code without-} and the name of the one} */
    public List<Kernel> without() {
        return IntStream.range(0, axioms.size())
                .mapToObj(i -> with("without-" + axioms.get(i).name(), j -> j != i))
                .toList();
    }

    private Kernel with(String name, IntPredicate kept) {
        List<String> cut = IntStream.range(0, axioms.size())
                .filter(kept.negate())
                .mapToObj(i -> axioms.get(i).id())
                .toList();
        List<Element> ranks =
                hierarchy.stream().filter(rank -> !cut.contains(rank.id())).toList();
        List<Element> left = IntStream.range(0, axioms.size())
                .filter(kept)
                .mapToObj(axioms::get)
                .toList();
        boolean metaFirst = hierarchy.isEmpty()
                || hierarchy.getFirst().begin() < axioms.getFirst().begin();
        String text = metaFirst
                ? replaced(replaced(kernel.text(), axioms, left), hierarchy, ranks)
                : replaced(replaced(kernel.text(), hierarchy, ranks), axioms, left);
        return Kernel.ofText(name, text);
    }

    /** Writes an array with fewer elements, separated by the text between the first two. */
    private static String replaced(String text, List<Element> all, @Nullable List<Element> left) {
        if (left == null || left.size() == all.size()) {
            return text;
        }
        String between = text.substring(all.getFirst().end(), all.get(1).begin());
        return text.substring(0, all.getFirst().begin())
                + String.join(
                        between,
                        left.stream()
                                .map(e -> text.substring(e.begin(), e.end()))
                                .toList())
                + text.substring(all.getLast().end());
    }
}
