package io.lethean.lem.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Spring Boot manages Jackson's core here, and a property of our POM its databind. */
class JacksonVersionTest {

    @Test
    void databind_hasTheVersionThatSpringBootManages() {
        assertThat(tools.jackson.databind.cfg.PackageVersion.VERSION.toString())
                .isEqualTo(tools.jackson.core.json.PackageVersion.VERSION.toString());
    }
}
