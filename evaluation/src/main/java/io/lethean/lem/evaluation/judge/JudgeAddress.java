package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.JudgeException;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes the address of the method {@code chat/completions} from the address that a user gave.
 *
 * <p>A path beyond {@code /} is a base such as {@code /v1} or {@code /openai/deployments/x}, to which the method is
 * added; an address without a path gets {@code /v1} first. A query is kept. Messages never show a query, a user name or
 * a password, because they can contain a key.
 */
final class JudgeAddress {

    private static final String METHOD = "/chat/completions";
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^\\s:@\\[\\]/?#%]+)(?::(\\d{0,5}))?");
    private static final int LARGEST_PORT = 65_535;

    private JudgeAddress() {}

    /**
     * The address of the method.
     *
     * @throws JudgeException if the text is not an http or https address, or has a user name, a password or a fragment
     */
    static URI chatCompletions(String given) {
        URI uri = parsed(given);
        String authority = uri.getRawAuthority();
        if (authority.contains("@")) {
            throw refused(given, "has a user name or password; remove it, and give the key in the environment");
        }
        if (uri.getRawFragment() != null) {
            throw refused(given, "has a fragment, the part after #; remove it");
        }
        String query = uri.getRawQuery() == null || uri.getRawQuery().isEmpty() ? "" : "?" + uri.getRawQuery();
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        URI address = URI.create(scheme + "://" + authority(given, authority) + method(uri.getRawPath()) + query);
        return URI.create(address.toASCIIString());
    }

    private static URI parsed(String given) {
        try {
            URI uri = new URI(given.strip());
            if (uri.getScheme() != null
                    && uri.getScheme().toLowerCase(Locale.ROOT).matches("https?")
                    && uri.getRawAuthority() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // The exception's message quotes the whole text, and the text can contain a key.
        }
        throw refused(given, "is not an address of a judge");
    }

    /** Host and port. {@link URI} has no host for names with an underscore, so the authority is read here. */
    private static String authority(String given, String authority) {
        Matcher matcher = HOST_AND_PORT.matcher(authority);
        if (!matcher.matches()) {
            throw refused(given, "is not an address of a judge");
        }
        String port = matcher.group(2) == null || matcher.group(2).isEmpty() ? "" : matcher.group(2);
        if (!port.isEmpty() && (Integer.parseInt(port) == 0 || Integer.parseInt(port) > LARGEST_PORT)) {
            throw refused(given, "has the port " + port + ", and ports are from 1 to " + LARGEST_PORT);
        }
        return asciiHost(given, matcher.group(1)) + (port.isEmpty() ? "" : ":" + port);
    }

    private static String asciiHost(String given, String host) {
        if (host.startsWith("[")) {
            return host;
        }
        try {
            return IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            throw refused(given, "is not an address of a judge");
        }
    }

    private static String method(@Nullable String rawPath) {
        String path = rawPath == null ? "" : rawPath.replaceAll("/+\\z", "");
        if (path.endsWith(METHOD)) {
            return path;
        }
        return (path.isEmpty() ? "/v1" : path) + METHOD;
    }

    /** An address as messages show it. */
    static String shown(URI address) {
        return shown(address.toString());
    }

    static String shown(String address) {
        return address.strip().replaceAll("//[^/?#]*@", "//").replaceAll("(?s)[?#].*", "");
    }

    private static JudgeException refused(String given, String fault) {
        return new JudgeException("The judge's address \"" + shown(given) + "\" " + fault
                + "; expected an address such as http://localhost:8080 or https://host/v1.");
    }
}
