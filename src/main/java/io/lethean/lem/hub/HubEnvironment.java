package io.lethean.lem.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The variables that Python's clients read, with the same meaning, so that both use one cache.
 *
 * @param variables of the process
 * @param home of the user
 */
record HubEnvironment(Map<String, String> variables, Path home) {

    private static final String ENDPOINT = "https://huggingface.co";
    private static final Set<String> YES = Set.of("1", "ON", "YES", "TRUE");
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)})");

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration STALL = Duration.ofSeconds(30);

    HubOptions options() {
        return new HubOptions(
                endpoint(text("HF_ENDPOINT").orElse(ENDPOINT)),
                cache(),
                token(),
                text("HF_HUB_OFFLINE")
                        .or(() -> text("TRANSFORMERS_OFFLINE"))
                        .filter(HubEnvironment::isYes)
                        .isPresent(),
                text("HF_HUB_DISABLE_SYMLINKS").filter(HubEnvironment::isYes).isEmpty(),
                new HubOptions.Patience(
                        seconds("HF_HUB_ETAG_TIMEOUT").orElse(CONNECT),
                        seconds("HF_HUB_ETAG_TIMEOUT").orElse(ANSWER),
                        seconds("HF_HUB_DOWNLOAD_TIMEOUT").orElse(STALL),
                        RETRY));
    }

    Path cache() {
        return folder("HF_HUB_CACHE")
                .or(() -> folder("HUGGINGFACE_HUB_CACHE"))
                .orElseGet(() -> hubHome().resolve("hub"));
    }

    private Path hubHome() {
        return folder("HF_HOME")
                .orElseGet(() -> folder("XDG_CACHE_HOME")
                        .orElseGet(() -> home.resolve(".cache"))
                        .resolve("huggingface"));
    }

    private Optional<HubToken> token() {
        if (text("HF_HUB_DISABLE_IMPLICIT_TOKEN").filter(HubEnvironment::isYes).isPresent()) {
            return Optional.empty();
        }
        Optional<HubToken> named =
                HubToken.of(variables.getOrDefault("HF_TOKEN", ""), "the environment variable HF_TOKEN");
        return named.or(
                () -> tokenIn(folder("HF_TOKEN_PATH").orElseGet(() -> hubHome().resolve("token"))));
    }

    private static Optional<HubToken> tokenIn(Path file) {
        try {
            return HubToken.of(Files.readString(file), "the file " + file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException("The token of the hub in " + file + " cannot be read: " + e.getMessage() + ".", e));
        }
    }

    private Optional<String> text(String variable) {
        return Optional.ofNullable(variables.get(variable)).filter(value -> !value.isBlank());
    }

    /** A path in which {@code ~} and {@code $VARIABLE} are replaced, as a shell and Python's clients do it. */
    private Optional<Path> folder(String variable) {
        return text(variable).map(value -> {
            String expanded = VARIABLE.matcher(value).replaceAll(found -> {
                String name = found.group(1) == null ? found.group(2) : found.group(1);
                return Matcher.quoteReplacement(variables.getOrDefault(name, found.group()));
            });
            boolean inHome = expanded.equals("~") || expanded.startsWith("~/");
            return inHome ? home.resolve(expanded.substring(Math.min(2, expanded.length()))) : Path.of(expanded);
        });
    }

    private Optional<Duration> seconds(String variable) {
        return text(variable).map(value -> {
            if (!value.strip().matches("[1-9]\\d{0,5}")) {
                throw new IllegalArgumentException("The environment variable " + variable + " is '" + value
                        + "'; it should be a number of seconds, from 1 to 999999.");
            }
            return Duration.ofSeconds(Long.parseLong(value.strip()));
        });
    }

    private static boolean isYes(String value) {
        return YES.contains(value.strip().toUpperCase(Locale.ROOT));
    }

    /** @throws IllegalArgumentException if it is not an http or https address; a name and password are not quoted */
    static URI endpoint(String text) {
        try {
            URI uri = new URI(text.strip().replaceAll("/+\\z", ""));
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // The sentence below is for these as well; the text may contain a password and is not quoted.
        }
        throw new IllegalArgumentException("The address of the hub, from the environment variable HF_ENDPOINT or the"
                + " options, should be such as https://huggingface.co or http://localhost:8080, without a user name,"
                + " a query or a fragment.");
    }
}
