package io.lethean.lem.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HubDownloadTest extends HubTestCase {

    private final byte[] model = bytes(300_000, 1);

    private HubRepo repo() {
        return server.repo("org/name").large("name-Q8_0.gguf", model).small("README.md", "# name\n");
    }

    private List<String> tree() throws IOException {
        try (Stream<Path> all = Files.walk(cache)) {
            return all.filter(file -> !Files.isDirectory(file))
                    .map(file -> cache.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void download_laysTheCacheOutAsPythonDoes() throws IOException {
        HubRepo repo = repo();
        String sha256 = repo.find("name-Q8_0.gguf").orElseThrow().etag();

        Path file = hub().fetchModel(name("hf:org/name"));

        String commit = repo.commit();
        assertThat(file)
                .isEqualTo(cache.resolve("models--org--name/snapshots/" + commit + "/name-Q8_0.gguf"))
                .hasBinaryContent(model);
        assertThat(Files.readSymbolicLink(file)).isEqualTo(Path.of("../../blobs/" + sha256));
        assertThat(cache.resolve("models--org--name/refs/main")).hasContent(commit);
        assertThat(cache.resolve("CACHEDIR.TAG")).content().startsWith("Signature: 8a477f597d28d172789f06886806bc55\n");
        assertThat(tree())
                .containsExactly(
                        ".locks/models--org--name/" + sha256 + ".lock",
                        "CACHEDIR.TAG",
                        "models--org--name/blobs/" + sha256,
                        "models--org--name/refs/main",
                        "models--org--name/snapshots/" + commit + "/name-Q8_0.gguf",
                        "models--org--name/trees/" + commit + ".json");
    }

    @Test
    void fileInASubfolder_isLinkedThroughItsDepth() throws IOException {
        HubRepo repo = server.repo("org/name").small("a/b/c.json", "{}");

        Path file = hub().fetchFile(name("hf:org/name/a/b/c.json"));

        assertThat(file).hasContent("{}");
        assertThat(Files.readSymbolicLink(file))
                .isEqualTo(Path.of("../../../../blobs/" + HubRepo.gitSha1("{}".getBytes(UTF_8))));
        assertThat(file.toString()).endsWith("snapshots/" + repo.commit() + "/a/b/c.json");
        assertThat(server.newLines())
                .containsExactly(
                        "HEAD /org/name/resolve/main/a/b/c.json",
                        "GET /org/name/resolve/" + repo.commit() + "/a/b/c.json");
    }

    @Test
    void branchThatHasNotChanged_costsOneRequest() throws IOException {
        HubRepo repo = repo();
        hub().fetchModel(name("hf:org/name"));
        assertThat(server.newLines())
                .containsExactly(
                        "GET /api/models/org/name/revision/main",
                        "GET /api/models/org/name/tree/" + repo.commit(),
                        "GET /org/name/resolve/" + repo.commit() + "/name-Q8_0.gguf",
                        "GET /cdn/" + repo.find("name-Q8_0.gguf").orElseThrow().etag());

        hub().fetchModel(name("hf:org/name"));
        assertThat(server.newLines()).containsExactly("GET /api/models/org/name/revision/main");

        hub().fetchModel(name("hf:org/name/name-Q8_0.gguf"));
        assertThat(server.newLines()).containsExactly("HEAD /org/name/resolve/main/name-Q8_0.gguf");
    }

    @Test
    void commitInTheCache_costsNoRequest() throws IOException {
        HubRepo repo = repo();
        hub().fetchModel(name("hf:org/name"));
        server.newLines();

        for (String form : List.of("hf:org/name@%s", "hf:org/name@%s:q8_0", "hf:org/name/name-Q8_0.gguf@%s")) {
            assertThat(hub().fetchModel(name(form.formatted(repo.commit())))).hasBinaryContent(model);
        }
        Files.delete(cache.resolve("models--org--name/trees/" + repo.commit() + ".json"));
        assertThat(hub().fetchModel(name("hf:org/name@" + repo.commit()))).hasBinaryContent(model);
        assertThat(server.newLines()).isEmpty();
    }

    @Test
    void branchThatHasMoved_isFetchedAgainWithTheSameBlob() throws IOException {
        HubRepo repo = repo();
        Path before = hub().fetchModel(name("hf:org/name"));
        repo.small("new.txt", "x");
        server.newLines();

        Path after = hub().fetchModel(name("hf:org/name"));

        assertThat(after).isNotEqualTo(before).hasBinaryContent(model);
        assertThat(before).hasBinaryContent(model);
        assertThat(cache.resolve("models--org--name/refs/main")).hasContent(repo.commit());
        assertThat(server.newLines()).noneMatch(line -> line.contains("/cdn/"));
    }

    @Test
    void tokenGoesToTheHubAndNotToTheHostItRedirectsTo() throws IOException {
        repo();
        HubOptions options = options(Map.of("HF_TOKEN", TOKEN));

        hub(options).fetchModel(name("hf:org/name"));

        assertThat(server.requests()).hasSize(4);
        for (HubServer.Request request : server.requests()) {
            boolean cdn = request.isCdn();
            assertThat(request.host()).startsWith(cdn ? "localhost:" : "127.0.0.1:");
            assertThat(request.authorization().orElse("absent")).isEqualTo(cdn ? "absent" : "Bearer " + TOKEN);
        }
        assertThat(options.toString() + options.token()).doesNotContain(TOKEN);
    }

    @Test
    void tokenIsNotSentAgain_ifTheOtherHostRedirectsBack() throws IOException {
        HubRepo repo = server.repo("org/name").small("a.json", "{}");
        String port = String.valueOf(server.address().getPort());
        server.rule(1, request -> request.line().startsWith("GET /org/name/resolve/"), exchange -> {
            exchange.getResponseHeaders().set("Location", "http://localhost:" + port + "/away");
            HubServer.status(exchange, 302);
        });
        server.rule(1, request -> request.path().equals("/away"), exchange -> {
            exchange.getResponseHeaders()
                    .set("Location", "http://127.0.0.1:" + port + "/org/name/resolve/" + repo.commit() + "/a.json");
            HubServer.status(exchange, 302);
        });

        assertThat(hub(options(Map.of("HF_TOKEN", TOKEN))).fetchFile(name("hf:org/name/a.json")))
                .hasContent("{}");

        List<HubServer.Request> requests = server.requests();
        assertThat(requests.get(1).authorization()).isPresent();
        assertThat(requests.get(2).authorization()).isEmpty();
        assertThat(requests.get(3).authorization()).isEmpty();
    }

    @Test
    void offline_servesTheCacheAndSaysWhatItHas() throws IOException {
        repo();
        server.repo("org/two").large("two-Q4_K_M.gguf", bytes(1500, 2)).large("two-F16.gguf", bytes(2500, 3));
        hub().fetchModel(name("hf:org/name"));
        hub().fetchModel(name("hf:org/two:F16"));
        server.newLines();

        assertThat(offline().fetchModel(name("hf:org/name"))).hasBinaryContent(model);
        assertThat(offline().fetchModel(name("hf:org/two"))).hasFileName("two-F16.gguf");
        for (String absent :
                List.of("hf:org/other", "hf:org/two:Q4_K_M", "hf:org/two/two-Q4_K_M.gguf", "hf:org/name@v2")) {
            HubException refused = failure(() -> offline().fetchModel(name(absent)));
            assertThat(refused.reason()).isEqualTo(Reason.OFFLINE);
            assertThat(refused)
                    .hasMessageStartingWith("The network is switched off by HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE, so "
                            + absent + " cannot be downloaded. ")
                    .hasMessageEndingWith("The cache " + cache + " has hf:org/name (300 kB), hf:org/two (2.5 kB).");
        }
        assertThat(server.newLines()).isEmpty();
    }

    @Test
    void cachedFile_isFoundWithoutTheHub() throws IOException {
        HubRepo repo = repo();
        assertThat(Hub.cachedFile(cache, name("hf:org/name/name-Q8_0.gguf"))).isEmpty();
        Path file = hub().fetchModel(name("hf:org/name"));
        server.newLines();

        for (String known : List.of("hf:org/name/name-Q8_0.gguf", "hf:org/name/name-Q8_0.gguf@" + repo.commit())) {
            assertThat(Hub.cachedFile(cache, name(known))).contains(file);
        }
        for (String unknown : List.of("hf:org/name/README.md", "hf:org/name/name-Q8_0.gguf@" + "0".repeat(40))) {
            assertThat(Hub.cachedFile(cache, name(unknown))).isEmpty();
        }
        assertThat(server.newLines()).isEmpty();
    }

    @Test
    void hubOutOfReach_meansTheCachedCopyAndANotice() throws IOException {
        repo();
        hub().fetchModel(name("hf:org/name"));
        server.close();

        assertThat(hub().fetchModel(name("hf:org/name"))).hasBinaryContent(model);
        assertThat(hub().fetchModel(name("hf:org/name/name-Q8_0.gguf"))).hasBinaryContent(model);
        assertThat(notices)
                .hasSize(2)
                .allSatisfy(notice -> assertThat(notice)
                        .contains("the copy in the cache is used: " + server.address() + " could not be reached ("));
        HubException refused = failure(() -> hub().fetchModel(name("hf:org/name:Q4_0")));
        assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(refused).hasMessageContaining("the cache has Q8_0 (300 kB)");
        assertThat(failure(() -> hub().fetchModel(name("hf:org/never"))).reason())
                .isEqualTo(Reason.UNREACHABLE);
    }

    @Test
    void hubWithAFailure_meansTheCachedCopyAtOnce() throws IOException {
        repo();
        hub().fetchModel(name("hf:org/name"));
        server.newLines();
        server.rule(9, request -> true, exchange -> HubServer.status(exchange, 503));

        assertThat(hub().fetchModel(name("hf:org/name"))).hasBinaryContent(model);

        assertThat(server.newLines()).hasSize(1);
        assertThat(notices).singleElement().asString().contains("answered with status 503");
    }

    @Test
    void missingFile_isRememberedAsPythonDoes() throws IOException {
        HubRepo repo = repo();
        hub().fetchModel(name("hf:org/name"));

        HubException refused = failure(() -> hub().fetchFile(name("hf:org/name/x.json")));

        assertThat(refused.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused)
                .hasMessage("org/name does not have a file x.json at the revision main; " + server.address()
                        + "/org/name/tree/main shows its files.");
        assertThat(cache.resolve("models--org--name/.no_exist/" + repo.commit() + "/x.json"))
                .isEmptyFile();
        server.newLines();
        assertThat(failure(() -> hub().fetchFile(name("hf:org/name/x.json@" + repo.commit())))
                        .reason())
                .isEqualTo(Reason.NOT_FOUND);
        assertThat(server.newLines()).isEmpty();
    }

    @Test
    void repositoryThatHasMoved_isFollowedAndNamed() throws IOException {
        repo();
        server.move("old/name", "org/name");

        Path file = hub().fetchModel(name("hf:old/name"));

        assertThat(file).hasBinaryContent(model);
        assertThat(file.toString()).contains("models--old--name");
        assertThat(notices)
                .containsExactly("The repository old/name has moved to org/name; write hf:org/name from now on.");
    }

    @Test
    void revisionWithASlash_isOnePartOfTheAddress() throws IOException {
        HubRepo repo = repo().revision("refs%2Fpr%2F7");

        hub().fetchModel(name("hf:org/name@refs/pr/7"));
        hub().fetchFile(name("hf:org/name/README.md@refs/pr/7"));

        assertThat(cache.resolve("models--org--name/refs/refs/pr/7")).hasContent(repo.commit());
        assertThat(server.newLines()).contains("HEAD /org/name/resolve/refs%2Fpr%2F7/README.md");
    }

    @Test
    void withoutSymlinks_theSnapshotHasTheFileItself() throws IOException {
        repo();
        HubOptions options = options(Map.of("HF_HUB_DISABLE_SYMLINKS", "1"));

        Path file = hub(options).fetchModel(name("hf:org/name"));

        assertThat(file).isRegularFile().hasBinaryContent(model);
        assertThat(Files.isSymbolicLink(file)).isFalse();
    }

    @Test
    void snapshotOfAnotherSize_isReplaced() throws IOException {
        repo();
        Path file = hub().fetchModel(name("hf:org/name"));
        Files.write(file.toRealPath(), bytes(77, 9));

        assertThat(hub().fetchModel(name("hf:org/name"))).isEqualTo(file).hasBinaryContent(model);
    }

    @Test
    void listingOfSeveralPages_isReadToItsEnd() throws IOException {
        repo();
        server.rule(1, request -> request.path().contains("/tree/"), exchange -> {
            exchange.getResponseHeaders()
                    .set(
                            "Link",
                            "<" + server.address() + exchange.getRequestURI().getPath() + "?cursor=2>; rel=\"next\"");
            HubServer.json(exchange, "[{\"type\": \"file\", \"oid\": \"x\", \"size\": 1, \"path\": \"other.txt\"}]");
        });

        assertThat(hub().fetchModel(name("hf:org/name"))).hasBinaryContent(model);
    }

    @Test
    void listingThatContinuesElsewhere_isNotFollowed() {
        repo();
        server.rule(1, request -> request.path().contains("/tree/"), exchange -> {
            exchange.getResponseHeaders().set("Link", "<http://localhost:1/next>; rel=\"next\"");
            HubServer.json(exchange, "[]");
        });

        assertThat(failure(() -> hub().fetchModel(name("hf:org/name"))))
                .hasMessageContaining("continues on another host");
    }

    @Test
    void pathsThatLeaveTheSnapshot_areIgnored() throws IOException {
        repo();
        server.rule(
                1,
                request -> request.path().contains("/tree/"),
                exchange -> HubServer.json(
                        exchange,
                        "[{\"type\": \"file\", \"oid\": \"" + "a".repeat(40)
                                + "\", \"size\": 1, \"path\": \"../../../e.gguf\"}]"));

        assertThat(failure(() -> hub().fetchModel(name("hf:org/name"))).reason())
                .isEqualTo(Reason.UNSUITABLE);
        assertThat(folder.resolve("e.gguf")).doesNotExist();
    }

    @Test
    void progress_startsGrowsAndIsVerified() throws IOException {
        repo();

        hub().fetchModel(name("hf:org/name"));

        assertThat(progress.getFirst()).isEqualTo(new HubProgress("name-Q8_0.gguf", 0, 300_000, 0, false));
        assertThat(progress.getLast()).isEqualTo(new HubProgress("name-Q8_0.gguf", 300_000, 300_000, 0, true));
        assertThat(progress.getLast().text()).isEqualTo("name-Q8_0.gguf: 300 kB, verified");
        assertThat(new HubProgress("m.gguf", 12_000_000, 98_000_000, 4_000_000, false).text())
                .isEqualTo("m.gguf: 12.0 MB of 98.0 MB (12 %), 4.0 MB/s, 22 s left");
        assertThat(new HubProgress("m.gguf", 0, 17_000_000_000L, 1_000_000, false).text())
                .endsWith(", 1.0 MB/s, 4 h 43 min left");
    }
}
