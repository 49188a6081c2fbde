package io.lethean.lem;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.lethean.lem.hub.Hub;
import java.net.http.HttpClient;
import org.junit.jupiter.api.Test;

/** The network is used by the hub, the judges and the server only, and downloads begin in few places: those that read a name with hf: */
class NetworkRuleTest {

    /** What opens connections. */
    private static final String NETWORK =
            "java\\.net\\.http\\..*|java\\.net\\.(Socket|ServerSocket|DatagramSocket|URLConnection|HttpURLConnection)"
                    + "|java\\.nio\\.channels\\.(Asynchronous)?(Server)?SocketChannel|com\\.sun\\.net\\..*";

    private static final String CALLERS = "io\\.lethean\\.lem\\.(hub\\..*|model\\.LemModel|adapter\\.AdapterUse"
            + "|spring\\.autoconfigure\\.ModelLoading|junit\\.SharedModel|cli\\.(HubNames|PullCommand|DefaultModel)(\\$.*)?)";

    private static ArchRule connections() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.lethean.lem.hub..", "io.lethean.lem.evaluation.judge..", "io.lethean.lem.server..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(NETWORK);
    }

    private static ArchRule downloads() {
        return noClasses()
                .that()
                .haveNameNotMatching(CALLERS)
                .should()
                .dependOnClassesThat()
                .haveNameMatching("io\\.lethean\\.lem\\.hub\\.Hub");
    }

    /** Breaks both rules. */
    private static final class Careless {

        private Careless() {}

        static HttpClient client() {
            return HttpClient.newHttpClient();
        }

        static Hub hub() {
            return Hub.fromEnvironment();
        }
    }

    @Test
    void connections_areOpenedByHubJudgesAndServerOnly() {
        connections().check(ArchitectureTest.OURS);
    }

    @Test
    void downloads_beginWhereNamesAreRead() {
        downloads().check(ArchitectureTest.OURS);
    }

    @Test
    void classThatBreaksTheRules_isNoticed() {
        JavaClasses careless = new ClassFileImporter().importClasses(Careless.class);

        for (ArchRule rule : new ArchRule[] {connections(), downloads()}) {
            assertThat(rule.evaluate(careless).hasViolation()).isTrue();
        }
    }
}
