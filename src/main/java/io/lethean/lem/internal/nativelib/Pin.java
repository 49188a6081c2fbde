package io.lethean.lem.internal.nativelib;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;

/**
 * The llama.cpp that the bindings were generated from, as the file says that the native build reads too.
 *
 * @param release its release, {@code v0.5.0}
 * @param tree the git tree id of its source
 */
record Pin(String release, String tree) {

    /** Reads {@code LLAMA_CPP_VERSION}. */
    static Pin read() {
        Properties values = new Properties();
        try (Reader reader = open("LLAMA_CPP_VERSION")) {
            values.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Pin(values.getProperty("release"), values.getProperty("tree"));
    }

    /** The names of a kind that LEM uses, from the generator's include list: {@code function}, {@code struct}. */
    static List<String> names(String kind) {
        String option = "--include-" + kind + " ";
        try (Reader reader = open("includes.txt")) {
            return reader.readAllLines().stream()
                    .filter(line -> line.startsWith(option))
                    .map(line -> line.substring(option.length()).strip())
                    .distinct()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reader open(String resource) throws IOException {
        InputStream stream = Pin.class.getResourceAsStream(resource);
        if (stream == null) {
            throw new IOException("The resource " + resource + " is missing next to " + Pin.class.getName() + ".");
        }
        return new InputStreamReader(stream, StandardCharsets.UTF_8);
    }
}
