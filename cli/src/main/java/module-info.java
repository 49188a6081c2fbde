/** The lem command. */
module io.lethean.lem.cli {
    requires static org.jspecify;
    requires info.picocli;
    requires io.lethean.lem;
    requires io.lethean.lem.evaluation;
    requires org.snakeyaml.engine;
    requires tools.jackson.databind;

    opens io.lethean.lem.cli to
            info.picocli;
}
