package io.lethean.lem.evaluation.report;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A real headless Chromium, driven through chromedriver by the WebDriver protocol. */
final class Browser implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

    private final Process driver;
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI session;

    private Browser(Process driver) throws IOException, InterruptedException {
        this.driver = driver;
        URI sessions = URI.create("http://127.0.0.1:" + port(driver) + "/session");
        List<String> arguments = new ArrayList<>(List.of(
                "--headless=new",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--window-size=1280,1750",
                "--hide-scrollbars",
                "--force-color-profile=srgb"));
        // In CI everything runs as root in a container, where Chromium's sandbox cannot work.
        if (isCi()) {
            arguments.add("--no-sandbox");
        }
        Map<String, Object> options = Map.of("args", arguments);
        JsonNode opened = send(
                sessions, "POST", Map.of("capabilities", Map.of("alwaysMatch", Map.of("goog:chromeOptions", options))));
        session = URI.create(sessions + "/" + opened.get("sessionId").asString() + "/");
    }

    /** Opens a browser; the calling test is skipped if no browser is installed. */
    static Browser open() throws IOException, InterruptedException {
        if (!isInstalled("chromedriver") || !isInstalled("chromium")) {
            Fixtures.skip("it needs chromium and chromedriver; install Debian's chromium and chromium-driver");
        }
        if (!isCi() && "root".equals(System.getProperty("user.name"))) {
            Fixtures.skip("Chromium keeps its sandbox outside CI and then does not run as root; be another user");
        }
        Process driver = new ProcessBuilder("chromedriver", "--port=0")
                .redirectErrorStream(true)
                .start();
        try {
            return new Browser(driver);
        } catch (IOException | InterruptedException | RuntimeException e) {
            driver.destroy();
            throw e;
        }
    }

    private static boolean isCi() {
        return System.getenv("CI") != null || "1".equals(System.getenv("LEM_REQUIRE_FIXTURES"));
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    @SuppressWarnings("resource") // closing the scanner would close the driver's output, and with it the driver
    private static String port(Process driver) throws IOException {
        Scanner output = new Scanner(driver.getInputStream());
        while (output.hasNextLine()) {
            Matcher started = STARTED.matcher(output.nextLine());
            if (started.find()) {
                return started.group(1);
            }
        }
        throw new IOException("chromedriver ended before it had a port");
    }

    private JsonNode send(URI uri, String method, Map<String, ?> body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        method.equals("POST")
                                ? HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))
                                : HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(method + " " + uri.getPath() + ": " + response.body());
        }
        return JSON.readTree(response.body()).get("value");
    }

    void go(Path page) throws IOException, InterruptedException {
        send(session.resolve("url"), "POST", Map.of("url", page.toUri().toString()));
    }

    /** Runs a script's body in the page and returns what it returns, as text. */
    String script(String body) throws IOException, InterruptedException {
        return send(session.resolve("execute/sync"), "POST", Map.of("script", body, "args", List.of()))
                .asString();
    }

    /** Clicks the first element that a CSS selector finds, as a user would. */
    void click(String selector) throws IOException, InterruptedException {
        send(session.resolve("element/" + find(selector) + "/click"), "POST", Map.of());
    }

    /** Types into the first element that a CSS selector finds. */
    void type(String selector, String text) throws IOException, InterruptedException {
        send(session.resolve("element/" + find(selector) + "/value"), "POST", Map.of("text", text));
    }

    private String find(String selector) throws IOException, InterruptedException {
        JsonNode element = send(session.resolve("element"), "POST", Map.of("using", "css selector", "value", selector));
        return element.propertyStream().findFirst().orElseThrow().getValue().asString();
    }

    byte[] screenshot() throws IOException, InterruptedException {
        return Base64.getDecoder()
                .decode(send(session.resolve("screenshot"), "GET", Map.of()).asString());
    }

    @Override
    public void close() throws IOException {
        try {
            send(URI.create(session.toString().replaceAll("/$", "")), "DELETE", Map.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            http.close();
            driver.destroy();
        }
    }
}
