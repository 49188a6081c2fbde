package io.lethean.lem.evaluation.judge;

import java.net.URI;
import java.util.Map;

/**
 * Where a judge is asked.
 *
 * @param address of the method
 * @param headers sent with every request
 * @param secrets what must not appear in any message
 */
record JudgeService(URI address, Map<String, String> headers, Secrets secrets) {

    JudgeService {
        headers = Map.copyOf(headers);
    }

    /** The address as messages show it. */
    String shown() {
        return secrets.hide(JudgeAddress.shown(address));
    }

    HttpTransport transport(JudgeOptions options) {
        return address.getHost() == null ? new UrlTransport(address) : new ClientTransport(address, options.timeout());
    }
}
