package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidConversationException;
import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.llama.NativeContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations that are saved, and continued by another instance of the model. */
class SavedConversationIT {

    private static final GenerationOptions OPTIONS =
            GenerationOptions.builder().maxTokens(90).temperature(0.8).seed(2).build();

    @TempDir
    private static Path folder;

    private static Path llama;
    private static Path saved;
    private static List<Message> messages;

    @BeforeAll
    static void save() throws IOException {
        llama = folder.resolve("llama.gguf");
        RandomModel.llama(2, 64, 4, 2, 128, 500)
                .chatTemplate(ConversationIT.TEMPLATE)
                .write(llama, 3);
        saved = folder.resolve("talk");
        try (LemModel model = load(llama, 1024)) {
            Conversation conversation = model.conversation(ConversationIT.SYSTEM);
            conversation.send("Who are you?", OPTIONS);
            conversation.send("What is kindness?", OPTIONS);
            conversation.save(saved);
            messages = conversation.messages();
        }
    }

    private static LemModel load(Path file, int contextTokens) throws IOException {
        return ConversationIT.load(file, contextTokens, 1, 0);
    }

    @Test
    void savedConversation_continuesAtOnce_withTheAnswerOfAFreshModel() throws IOException {
        Generation next;
        try (LemModel model = load(llama, 1024)) {
            Conversation conversation = model.loadConversation(saved);
            assertThat(conversation.messages()).isEqualTo(messages);
            next = conversation.send("Why?", OPTIONS).generation();
            assertThat(next.evaluatedTokens()).isLessThan(2 * NativeContext.BLOCK);
            assertThat(next.reusedTokens()).isGreaterThan(4 * NativeContext.BLOCK);
        }
        try (LemModel fresh = load(llama, 1024)) {
            List<Message> asked = new ArrayList<>(messages);
            asked.add(Message.user("Why?"));
            assertThat(next.tokens()).isEqualTo(fresh.chat(asked, OPTIONS).tokens());
        }
    }

    @Test
    void conversationThatIsNotHeldAnyMore_isSavedWithItsMessages() throws IOException {
        Path file = folder.resolve("lost");
        try (LemModel model = load(llama, 1024)) {
            Conversation conversation = model.conversation(ConversationIT.SYSTEM);
            conversation.send("Who are you?", OPTIONS);
            model.generate("Something else that takes its place. ".repeat(10), OPTIONS);
            conversation.save(file);
            Conversation again = model.loadConversation(file);
            assertThat(again.messages()).isEqualTo(conversation.messages());
            assertThat(again.send("Why?", OPTIONS).generation().generatedTokens())
                    .isPositive();
        }
    }

    @Test
    void damagedFile_isRefusedByName_whateverIsDamaged() throws IOException {
        byte[] whole = Files.readAllBytes(saved);
        Path damaged = folder.resolve("damaged");
        try (LemModel model = load(llama, 1024)) {
            for (int at : new int[] {0, 7, 8, 15, 16, 40, 300, whole.length / 2, whole.length - 33, whole.length - 1}) {
                byte[] changed = whole.clone();
                changed[at] ^= 0x10;
                refused(model, damaged, changed);
            }
            for (int length : new int[] {0, 7, 8, 20, 48, 400, whole.length / 2, whole.length - 1}) {
                refused(model, damaged, Arrays.copyOf(whole, length));
            }
            refused(model, damaged, Arrays.copyOf(whole, whole.length + 5));
            assertThat(model.loadConversation(saved).messages()).isEqualTo(messages);
        }
    }

    private static void refused(LemModel model, Path file, byte[] content) throws IOException {
        Files.write(file, content);
        assertThatExceptionOfType(MalformedDataException.class)
                .isThrownBy(() -> model.loadConversation(file))
                .withMessageContaining(file.toString());
    }

    /** The sum is right, so that only the rules after it can refuse the file. */
    private static byte[] forged(String find, String put, int dropStateBytes) throws Exception {
        return forged(saved, find, put, dropStateBytes);
    }

    static byte[] forged(Path saved, String find, String put, int dropStateBytes) throws Exception {
        byte[] whole = Files.readAllBytes(saved);
        int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(8);
        String header = new String(whole, 16, length, StandardCharsets.UTF_8);
        assertThat(header).contains(find);
        byte[] changed = header.replace(find, put).getBytes(StandardCharsets.UTF_8);
        byte[] state = Arrays.copyOfRange(whole, 16 + length, whole.length - 32 - dropStateBytes);
        ByteBuffer content =
                ByteBuffer.allocate(16 + changed.length + state.length + 32).order(ByteOrder.LITTLE_ENDIAN);
        content.put(whole, 0, 8).putLong(changed.length).put(changed).put(state);
        MessageDigest sum = MessageDigest.getInstance("SHA-256");
        sum.update(content.array(), 0, content.position());
        return content.put(sum.digest()).array();
    }

    @Test
    void forgedHeader_isRefused() throws Exception {
        Path file = folder.resolve("forged");
        try (LemModel model = load(llama, 1024)) {
            refused(model, file, forged("\"beginning\":1", "\"beginning\":99", 0));
            refused(model, file, forged("\"beginning\":1", "\"beginning\":-1", 0));
            refused(model, file, forged("\"when_full\":\"REFUSE\"", "\"when_full\":\"NEVER\"", 0));
            refused(model, file, forged("\"tokens\":[1,", "\"tokens\":[1,1,", 0));
            refused(model, file, forged("\"tokens\":[1,", "\"tokens\":[\"1\",", 0));
            refused(model, file, forged("\"messages\":[", "\"messages\":[3,", 0));
            refused(model, file, forged("\"messages\":[", "\"messages\":[", 16));
        }
    }

    @Test
    void forgedTokens_andCutState_areRefused_andTheModelLives() throws Exception {
        Path file = folder.resolve("forged");
        try (LemModel model = load(llama, 1024)) {
            Files.write(file, forged("\"tokens\":[1,", "\"tokens\":[100000,", 0));
            assertThatThrownBy(() -> model.loadConversation(file)).hasMessageContaining("Token 100000 is outside");
            int length = stateBytes();
            Files.write(file, forged("\"state_bytes\":" + length, "\"state_bytes\":" + (length - 64), 64));
            assertThatExceptionOfType(MalformedDataException.class)
                    .isThrownBy(() -> model.loadConversation(file))
                    .withMessageContaining("is not that of its");
            assertThat(model.generate("And then", OPTIONS).generatedTokens()).isPositive();
        }
    }

    private static int stateBytes() throws IOException {
        byte[] whole = Files.readAllBytes(saved);
        int header = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(8);
        return whole.length - 32 - 16 - header;
    }

    @Test
    void otherModel_otherSettings_andSmallerContext_areRefusedByName() throws IOException {
        Path other = folder.resolve("other.gguf");
        RandomModel.llama(2, 64, 4, 2, 128, 500)
                .chatTemplate(ConversationIT.TEMPLATE)
                .write(other, 4);
        try (LemModel model = load(other, 1024)) {
            assertThatExceptionOfType(InvalidConversationException.class)
                    .isThrownBy(() -> model.loadConversation(saved))
                    .withMessageContaining("was saved with the model of SHA-256");
        }
        ModelOptions quantized = ModelOptions.builder()
                .device("cpu")
                .threads(1)
                .contextTokens(1024)
                .kvTypeK(KvType.F32)
                .build();
        try (LemModel model = LemModel.load(llama, quantized)) {
            assertThatExceptionOfType(InvalidConversationException.class)
                    .isThrownBy(() -> model.loadConversation(saved))
                    .withMessageContaining("was saved with the KV type F16 and F16, and this model has F32 and F16");
        }
        try (LemModel model = load(llama, 256)) {
            assertThatExceptionOfType(InvalidConversationException.class)
                    .isThrownBy(() -> model.loadConversation(saved))
                    .withMessageContaining("room for 256");
        }
    }
}
