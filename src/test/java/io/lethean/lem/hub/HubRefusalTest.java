package io.lethean.lem.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers with an error: each is a sentence with the next step, or passes after another request. */
class HubRefusalTest extends HubTestCase {

    private static final HubName NAME = HubName.parse("hf:org/name");
    private static final Map<String, String> WITH_TOKEN = Map.of("HF_TOKEN", TOKEN);

    private final byte[] model = bytes(3000, 1);

    @BeforeEach
    void publish() {
        server.repo("org/name").large("name-Q8_0.gguf", model);
    }

    private void answer(int times, int status, String... headers) {
        server.rule(times, request -> !request.isCdn(), exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            HubServer.status(exchange, status);
        });
    }

    private HubException refused(Map<String, String> variables) {
        HubException refused = failure(() -> hub(options(variables)).fetchModel(NAME));
        assertThat(refused).as("a refusal").isNotNull();
        assertThat(refused.getMessage()).doesNotContain(TOKEN);
        assertThat(CacheFiles.visible(cache)).isEmpty();
        return refused;
    }

    private void assertRefused(Map<String, String> variables, Reason reason, String sentence) {
        HubException refused = refused(variables);
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused).hasMessage(sentence.replace("HUB", server.address().toString()));
    }

    @Test
    void repositoryThatIsMissingOrPrivate_dependsOnTheToken() {
        answer(1, 401, "X-Error-Code", "RepoNotFound");
        assertRefused(
                Map.of(),
                Reason.NOT_FOUND,
                "HUB has no public model repository org/name; check the spelling, or set HF_TOKEN if it is private.");
        answer(1, 404, "X-Error-Code", "RepoNotFound");
        assertRefused(
                WITH_TOKEN,
                Reason.NOT_FOUND,
                "HUB has no model repository org/name that the account of the token in the environment variable HF_TOKEN"
                        + " may see; check the spelling, or ask its owner for access.");
        answer(1, 401);
        assertThat(refused(Map.of()).reason()).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void tokenThatIsNotValid_isToBeReplacedOrRemoved() {
        answer(1, 401, "X-Error-Message", "Invalid credentials in Authorization header");
        assertRefused(
                WITH_TOKEN,
                Reason.ACCESS_DENIED,
                "HUB does not accept the token in the environment variable HF_TOKEN; make a new one at"
                        + " HUB/settings/tokens, or remove it: public models need no token.");
    }

    @Test
    void gatedRepository_namesThePageOfItsLicence() {
        answer(1, 401, "X-Error-Code", "GatedRepo");
        assertRefused(
                Map.of(),
                Reason.ACCESS_DENIED,
                "org/name is gated: its authors ask for a licence to be accepted. Accept it at HUB/org/name, make a token"
                        + " with the right to read at HUB/settings/tokens, and put it in the environment variable"
                        + " HF_TOKEN.");
        answer(1, 403, "X-Error-Code", "GatedRepo");
        assertRefused(
                WITH_TOKEN,
                Reason.ACCESS_DENIED,
                "org/name is gated, and the account of the token in the environment variable HF_TOKEN may not read it;"
                        + " accept its conditions at HUB/org/name with that account, and wait if the authors approve by"
                        + " hand.");
    }

    @Test
    void forbidden_quotesTheServerWithoutTheToken() {
        answer(1, 403, "X-Error-Message", "No access for " + TOKEN);
        assertRefused(
                WITH_TOKEN,
                Reason.ACCESS_DENIED,
                "HUB refuses access to org/name (No access for [token]); the token needs the right to read this"
                        + " repository: see HUB/settings/tokens.");
    }

    @Test
    void revisionThatIsMissing_isNamed() {
        HubException refused = failure(() -> hub().fetchModel(name("hf:org/name@v9")));

        assertThat(refused.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused)
                .hasMessage("org/name has no revision v9; " + server.address()
                        + "/org/name lists its branches, and without @ the branch main is used.");
    }

    @Test
    void rateLimitWithAShortWait_isWaitedFor() throws IOException {
        answer(1, 429, "Retry-After", "1");
        long began = System.nanoTime();

        assertThat(hub().fetchModel(NAME)).hasBinaryContent(model);

        assertThat(System.nanoTime() - began).isGreaterThan(900_000_000L);
    }

    @Test
    void rateLimitWithALongWait_isToldWithTheSeconds() {
        answer(1, 429, "Retry-After", "120");
        assertRefused(
                Map.of(),
                Reason.RATE_LIMITED,
                "HUB limits how many requests it takes; try again in 120 s, or set HF_TOKEN: with a token the limit is"
                        + " higher.");
        assertThat(server.newLines()).hasSize(1);
        answer(1, 429, "Retry-After", "Tue, 31 Dec 2199 23:59:59 GMT");
        assertThat(refused(WITH_TOKEN)).hasMessageMatching(".* try again in \\d{9,} s\\.");
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 500, 502, 503, 504})
    void failureOfTheServer_passesOrIsSaid(int status) throws IOException {
        answer(3, status);
        HubException refused = refused(Map.of());
        assertThat(refused.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(refused).hasMessageContaining(" answered with status " + status + ", a failure of its own;");
        assertThat(server.newLines()).hasSize(3);

        answer(2, status);
        assertThat(hub().fetchModel(NAME)).hasBinaryContent(model);
    }

    @Test
    void failuresOfTheHostOfContents_passOrAreSaid() throws IOException {
        server.rule(2, HubServer.Request::isCdn, exchange -> HubServer.status(exchange, 503));
        server.rule(1, HubServer.Request::isCdn, exchange -> HubServer.status(exchange, 403));
        assertThat(hub().fetchModel(NAME)).hasBinaryContent(model);
        assertThat(server.newLines())
                .as("an address that has expired is asked for again")
                .filteredOn(line -> line.startsWith("GET /org/name/resolve/"))
                .hasSize(4);

        server.repo("org/other").large("other.gguf", bytes(5000, 2));
        server.rule(6, HubServer.Request::isCdn, exchange -> HubServer.status(exchange, 503));
        HubException refused = failure(() -> hub().fetchModel(name("hf:org/other")));
        assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(refused).hasMessageContaining("stopped at 0 bytes of 5.0 kB: localhost answered with status 503.");
        server.rule(1, HubServer.Request::isCdn, exchange -> HubServer.status(exchange, 404));
        assertThat(failure(() -> hub().fetchModel(name("hf:org/other"))).reason())
                .isEqualTo(Reason.NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>login</html>", "[]", "{}", "{\"sha\": \"main\"}", "{\"sha\": "})
    void serverThatIsNotAHub_isCalledThat(String text) {
        server.rule(1, request -> true, exchange -> HubServer.json(exchange, text));

        HubException refused = refused(Map.of());

        assertThat(refused.reason()).isEqualTo(Reason.UNEXPECTED);
        assertThat(refused)
                .hasMessageStartingWith(
                        server.address() + " does not answer as a hub when it is asked for hf:org/name: ")
                .hasMessageEndingWith("Check HF_ENDPOINT; a proxy or a login page may answer instead.");
    }

    @Test
    void statusThatNoHubGives_isQuoted() {
        answer(1, 418);
        assertThat(refused(Map.of()))
                .hasMessageContaining("answered with status 418 for hf:org/name. That is not an answer");
    }

    @Test
    void redirectsWithoutAnEnd_areRefused() {
        answer(99, 302, "Location", server.address() + "/again");

        assertThat(refused(Map.of())).hasMessageContaining(" more than 10 times; check HF_ENDPOINT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://[", "file:///etc/passwd", "ftp://localhost/x"})
    void redirectOfAContentToAnotherKindOfAddress_isRefused(String address) {
        server.rule(1, request -> request.line().startsWith("GET /org/name/resolve/"), exchange -> {
            exchange.getResponseHeaders().set("Location", address);
            HubServer.status(exchange, 302);
        });

        HubException refused = refused(WITH_TOKEN);

        assertThat(refused.reason()).isEqualTo(Reason.UNEXPECTED);
        assertThat(refused).hasMessageContaining("The hub redirected " + server.address() + "/org/name/resolve/");
    }

    @Test
    void unreachableHub_namesTheVariableAndTheProxy() {
        server.close();

        HubException refused = refused(Map.of());

        assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(refused)
                .hasMessageStartingWith(server.address() + " could not be reached (")
                .hasMessageEndingWith("Check the network; if there is a proxy, start Java with -Dhttps.proxyHost and"
                        + " -Dhttps.proxyPort; HF_ENDPOINT names another hub.");
    }
}
