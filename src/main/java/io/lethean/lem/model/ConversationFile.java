package io.lethean.lem.model;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A saved conversation: {@value #MAGIC} and the digit of the format, the length of a header as 8 bytes in little-endian
 * order, the header as JSON, what the KV cache has, and the SHA-256 sum of it all. Format 1 has texts; format 2 has chat
 * options as well, and is written only where there are any.
 *
 * @param identity what the saved cache depends on, by name
 * @param beginning how many of the messages are never dropped
 * @param messages all of them
 * @param chatOptions tools and what else each turn is given; empty for a conversation of texts
 * @param whenFull what to do when the context is full
 * @param dropped how many messages were dropped
 * @param tokens the tokens of which the cache was saved; may be empty
 * @param state of the cache; empty without tokens
 */
record ConversationFile(
        Map<String, String> identity,
        int beginning,
        List<Message> messages,
        Optional<ChatOptions> chatOptions,
        WhenFull whenFull,
        int dropped,
        int[] tokens,
        MemorySegment state) {

    private static final String MAGIC = "LEMTALK";
    private static final String TEXTS = MAGIC + "1";
    private static final String WITH_OPTIONS = MAGIC + "2";
    private static final int PREFIX_BYTES = TEXTS.length() + Long.BYTES;
    private static final int SUM_BYTES = 32;
    private static final int PIECE_BYTES = 1 << 20;

    /** Writes it next to the target, forces it to the disk, and renames it. */
    void write(Path target) throws IOException {
        byte[] header = JsonMapper.shared().writeValueAsBytes(header());
        ByteBuffer prefix = ByteBuffer.allocate(PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        String format = chatOptions.isPresent() ? WITH_OPTIONS : TEXTS;
        prefix.put(format.getBytes(StandardCharsets.US_ASCII)).putLong(header.length);
        MessageDigest sum = Sha256.digest();
        AtomicFile.writeForced(target, channel -> {
            writeAll(channel, ByteBuffer.wrap(prefix.array()), sum);
            writeAll(channel, ByteBuffer.wrap(header), sum);
            for (long from = 0; from < state.byteSize(); from += PIECE_BYTES) {
                long size = Math.min(PIECE_BYTES, state.byteSize() - from);
                writeAll(channel, state.asSlice(from, size).asByteBuffer(), sum);
            }
            AtomicFile.writeAll(channel, ByteBuffer.wrap(sum.digest()));
        });
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes, MessageDigest sum) throws IOException {
        sum.update(bytes.duplicate());
        AtomicFile.writeAll(channel, bytes);
    }

    private Map<String, Object> header() {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("identity", identity);
        header.put("when_full", whenFull.name());
        header.put("beginning", beginning);
        header.put("dropped", dropped);
        header.put("messages", messages.stream().map(SavedMessage::write).toList());
        chatOptions.ifPresent(options -> header.put("chat_options", SavedChatOptions.write(options)));
        header.put("tokens", tokens);
        header.put("state_bytes", state.byteSize());
        return header;
    }

    /**
     * Reads a file and checks its sum.
     *
     * @param arena owns the state
     * @throws MalformedDataException if it is another kind of file, cut or changed
     * @throws IOException if it cannot be read
     */
    static ConversationFile read(Path file, Arena arena) throws IOException {
        MemorySegment all;
        boolean withOptions;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            withOptions = requireKnown(file, channel);
            all = readAll(channel, arena);
        }
        MemorySegment content = all.asSlice(0, all.byteSize() - SUM_BYTES);
        byte[] expected = all.asSlice(content.byteSize()).toArray(ValueLayout.JAVA_BYTE);
        if (!Arrays.equals(sum(content), expected)) {
            throw new MalformedDataException(
                    file, "The saved conversation was cut or changed: its SHA-256 sum does not fit. Use another copy.");
        }
        return parse(file, content, withOptions);
    }

    /** @return whether the file has chat options */
    private static boolean requireKnown(Path file, FileChannel channel) throws IOException {
        ByteBuffer begin = ByteBuffer.allocate(TEXTS.length());
        channel.read(begin, 0);
        String found = new String(begin.array(), StandardCharsets.ISO_8859_1);
        if (!found.startsWith(MAGIC) || channel.size() < PREFIX_BYTES + SUM_BYTES) {
            throw new MalformedDataException(
                    file, "This is not a conversation that was saved by Conversation.save or /save; name such a file.");
        }
        if (!found.equals(TEXTS) && !found.equals(WITH_OPTIONS)) {
            throw new MalformedDataException(
                    file,
                    "The conversation was saved in format '" + found.substring(MAGIC.length())
                            + "', and this version reads the formats 1 and 2; use the version that saved it.");
        }
        return found.equals(WITH_OPTIONS);
    }

    /** Not mapped: if somebody shortened a mapped file, reading it in native code would end the process. */
    private static MemorySegment readAll(FileChannel channel, Arena arena) throws IOException {
        MemorySegment all = arena.allocate(channel.size());
        for (long from = 0; from < all.byteSize(); ) {
            ByteBuffer piece = all.asSlice(from, Math.min(PIECE_BYTES, all.byteSize() - from))
                    .asByteBuffer();
            int read = channel.read(piece, from);
            if (read < 0) {
                return all;
            }
            from += read;
        }
        return all;
    }

    private static byte[] sum(MemorySegment content) {
        MessageDigest sum = Sha256.digest();
        for (long from = 0; from < content.byteSize(); from += PIECE_BYTES) {
            sum.update(content.asSlice(from, Math.min(PIECE_BYTES, content.byteSize() - from))
                    .asByteBuffer());
        }
        return sum.digest();
    }

    private static ConversationFile parse(Path file, MemorySegment content, boolean withOptions)
            throws MalformedDataException {
        ValueLayout.OfLong length = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        long headerBytes = content.get(length, TEXTS.length());
        if (headerBytes < 0 || headerBytes > content.byteSize() - PREFIX_BYTES || headerBytes > Integer.MAX_VALUE) {
            throw new MalformedDataException(
                    file,
                    String.format(Locale.ROOT, "The header is said to have %d bytes, which do not fit.", headerBytes));
        }
        byte[] header = content.asSlice(PREFIX_BYTES, headerBytes).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment state = content.asSlice(PREFIX_BYTES + headerBytes);
        try {
            return of(JsonMapper.shared().readTree(header), state, withOptions);
        } catch (JacksonException | IllegalArgumentException wrong) {
            throw new MalformedDataException(file, "The header cannot be read: " + wrong.getMessage());
        }
    }

    private static ConversationFile of(JsonNode header, MemorySegment state, boolean withOptions) {
        Map<String, String> identity = new LinkedHashMap<>();
        header.required("identity").forEachEntry((name, value) -> identity.put(name, value.stringValue()));
        List<Message> messages = new ArrayList<>();
        for (JsonNode message : header.required("messages")) {
            messages.add(SavedMessage.read(message));
        }
        JsonNode list = header.required("tokens");
        int[] tokens = new int[list.size()];
        Arrays.setAll(tokens, index -> list.get(index).intValue());
        int beginning = header.required("beginning").intValue();
        if (beginning < 0
                || beginning > messages.size()
                || header.required("state_bytes").longValue() != state.byteSize()) {
            throw new IllegalArgumentException("its values contradict each other.");
        }
        return new ConversationFile(
                identity,
                beginning,
                List.copyOf(messages),
                withOptions ? Optional.of(SavedChatOptions.read(header.required("chat_options"))) : Optional.empty(),
                WhenFull.valueOf(header.required("when_full").stringValue()),
                header.required("dropped").intValue(),
                tokens,
                state);
    }
}
