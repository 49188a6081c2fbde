/** A model served over HTTP, with OpenAI's API. */
module io.lethean.lem.server {
    requires static micrometer.core; // for LemServerMeters only
    requires static org.jspecify;
    requires transitive io.lethean.lem;
    requires jdk.httpserver;
    requires tools.jackson.databind;

    exports io.lethean.lem.server;
}
