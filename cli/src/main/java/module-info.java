/** The lem command. */
@SuppressWarnings("requires-automatic")
module io.lethean.lem.cli {
    requires static org.jspecify;
    requires info.picocli;
    requires io.lethean.lem;
    requires io.lethean.lem.evaluation;
    requires io.lethean.lem.server;
    requires jdk.unsupported; // jline catches signals by it
    requires org.jline.reader;
    requires org.jline.terminal;
    requires org.snakeyaml.engine;
    requires tools.jackson.databind;

    opens io.lethean.lem.cli to
            info.picocli;
}
