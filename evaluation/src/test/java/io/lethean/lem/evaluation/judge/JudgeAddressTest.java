package io.lethean.lem.evaluation.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.evaluation.JudgeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JudgeAddressTest {

    @ParameterizedTest
    @CsvSource({
        "http://h:8080, http://h:8080/v1/chat/completions",
        "http://h:8080/, http://h:8080/v1/chat/completions",
        "http://h:8080/v1, http://h:8080/v1/chat/completions",
        "http://h:8080/v1///, http://h:8080/v1/chat/completions",
        "http://h/v1/chat/completions, http://h/v1/chat/completions",
        "http://h/v1/chat/completions/, http://h/v1/chat/completions",
        "'  http://h/v1\t', http://h/v1/chat/completions",
        "HTTP://Host:1, http://Host:1/v1/chat/completions",
        "HttpS://h/v1beta/openai, https://h/v1beta/openai/chat/completions",
        "https://h/v1beta/openai/, https://h/v1beta/openai/chat/completions",
        "https://h/api/v1, https://h/api/v1/chat/completions",
        "https://h/openai/deployments/x?api-version=2024-10-21, https://h/openai/deployments/x/chat/completions?api-version=2024-10-21",
        "https://h/v1/chat/completions?api-version=1&x=a%20b, https://h/v1/chat/completions?api-version=1&x=a%20b",
        "http://h?api-version=1, http://h/v1/chat/completions?api-version=1",
        "http://h/v1?, http://h/v1/chat/completions",
        "http://llama_server:8080, http://llama_server:8080/v1/chat/completions",
        "http://my_stack_llama_1/v1, http://my_stack_llama_1/v1/chat/completions",
        "http://m\u00fcnchen.example:1/v1, http://xn--mnchen-3ya.example:1/v1/chat/completions",
        "http://[::1]:8080, http://[::1]:8080/v1/chat/completions",
        "http://h:, http://h/v1/chat/completions",
        "http://h/stra\u00dfe, http://h/stra%C3%9Fe/chat/completions"
    })
    void everyFormOfAnAddressLeadsToItsMethod(String given, String method) {
        assertThat(JudgeAddress.chatCompletions(given)).hasToString(method);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "localhost:8080",
                "ftp://x",
                "http://a b",
                "http://",
                "http:/h",
                "http:h",
                "//h/v1"
            })
    void whatIsNotAnAddressIsRefused(String given) {
        assertThatThrownBy(() -> JudgeAddress.chatCompletions(given))
                .isInstanceOf(JudgeException.class)
                .hasMessage(
                        "The judge's address \"" + given + "\" is not an address of a judge; expected an address such"
                                + " as http://localhost:8080 or https://host/v1.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://h:0", "http://h:65536", "https://llama_server:99999/v1"})
    void aPortOutsideTheRangeIsRefusedWithBothNumbers(String given) {
        assertThatThrownBy(() -> JudgeAddress.chatCompletions(given))
                .isInstanceOf(JudgeException.class)
                .hasMessageContaining("ports are from 1 to 65535");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://me:s3cret@h:8080/v1", "https://s3cret@h", "http://me:s3cret@my_host"})
    void userNamesAndPasswordsAreRefusedAndNotQuoted(String given) {
        assertThatThrownBy(() -> JudgeAddress.chatCompletions(given))
                .isInstanceOf(JudgeException.class)
                .hasMessageContaining("has a user name or password")
                .hasMessageNotContaining("s3cret")
                .hasNoCause();
    }

    @Test
    void aBadAddressWithSecretsIsRefusedWithoutThem() {
        assertThatThrownBy(() -> JudgeAddress.chatCompletions("ftp://me:s3cret@h/x?key=s3cret#s3cret"))
                .hasMessageContaining("\"ftp://h/x\"")
                .hasMessageNotContaining("s3cret")
                .hasNoCause();
    }

    @Test
    void aFragmentIsRefused() {
        assertThatThrownBy(() -> JudgeAddress.chatCompletions("http://h/v1#model"))
                .isInstanceOf(JudgeException.class)
                .hasMessageContaining("\"http://h/v1\" has a fragment, the part after #; remove it");
    }
}
